// The one way to define a tool, and the one error a tool throws on purpose. Calling, bounding and serving tools is left
// to call-tool and tool-server.
import type { z } from 'zod';
import type { ToolContext } from './ports.ts';

export interface Tool<Shape extends z.ZodRawShape = z.ZodRawShape> {
  name: string;
  /** For the model: what it does, its rules, and when to choose it. */
  description: string;
  input: Shape;
  /** A string is answered as it is, anything else as JSON. Throws ToolFailure for what the model can mend. */
  run(context: ToolContext, input: z.infer<z.ZodObject<Shape>>): Promise<unknown>;
}

/** Infers the input type of `run` from the shape. */
export function defineTool<Shape extends z.ZodRawShape>(tool: Tool<Shape>): Tool<Shape> {
  return tool;
}

/** The message is read by the model: it names the field, the value and the mend. */
export class ToolFailure extends Error {
  override name = 'ToolFailure';
}

/** A value as it appears in a message: JSON, one line, at most 120 characters. */
export function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= 120 ? text : `${text.slice(0, 119)}…`;
}
