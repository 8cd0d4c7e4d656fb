// What a tool of the MCP endpoint is: its name and schema as clients list them, the role it needs, and what it does for
// one call. Arguments are judged here, so that every tool refuses them in the same words.
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { suggestWord } from '../../domain/nearest.ts';
import type { Role } from '../../domain/role.ts';
import type { BackgroundPlanning } from '../background-planning.ts';
import type { Caller } from '../caller.ts';
import type { Parts } from '../parts.ts';
import { isTaskId, type TaskOwners } from '../task-owners.ts';
import { unknownTask } from '../task-response.ts';

export interface McpParts extends Parts {
  owners: TaskOwners;
  background: BackgroundPlanning;
}

/** How far the work is. */
export interface Progress {
  done: number;
  /** Null: not known yet. */
  planned: number | null;
  message: string;
}

export interface ToolCall {
  parts: McpParts;
  caller: Caller;
  /** The W3C trace context of the request, if it has one. */
  traceparent: string | undefined;
  /** Aborts when nobody waits for the answer any more. */
  gone: AbortSignal;
  /** From now on a cancellation is heard, wherever it arrives. Resolves to what ends that. */
  hearCancellation(): Promise<() => void>;
  /** Tells a client that asked for it. */
  report(progress: Progress): Promise<void>;
}

interface ToolHints {
  readOnlyHint: boolean;
  destructiveHint?: boolean;
  idempotentHint?: boolean;
  openWorldHint: boolean;
}

interface ToolText {
  name: string;
  description: string;
  /** The least role that may call it. */
  access: Role;
  hints: ToolHints;
}

export interface Tool extends ToolText {
  inputSchema: { type: 'object' } & Record<string, unknown>;
  /** Throws an AppError for arguments that are not as the schema says, and whatever the work throws. */
  run(given: Record<string, unknown>, call: ToolCall): Promise<CallToolResult>;
}

interface ToolPlan<Shape extends z.ZodRawShape, Read> extends ToolText {
  schema: z.ZodObject<Shape>;
  /** Default: by the schema. */
  read?: (given: Record<string, unknown>, call: ToolCall) => Read;
  work(asked: Read, call: ToolCall): Promise<CallToolResult>;
}

export function defineTool<Shape extends z.ZodRawShape, Read = z.output<z.ZodObject<Shape>>>({
  schema,
  read = (given) => readArguments(schema, given) as Read,
  work,
  ...text
}: ToolPlan<Shape, Read>): Tool {
  return {
    ...text,
    inputSchema: toInputSchema(schema),
    run: async (given, call) => {
      refuseUnknown(given, Object.keys(schema.shape));
      return work(read(given, call), call);
    },
  };
}

/** Structured, and the same as text for clients that know only that. */
export function answerWith(structuredContent: Record<string, unknown>): CallToolResult {
  return { structuredContent, content: [{ type: 'text', text: JSON.stringify(structuredContent) }] };
}

/** Throws not_found for a task of somebody else, in the words for one that does not exist. */
export async function refuseForeignTask({ parts, caller }: ToolCall, taskId: string): Promise<void> {
  if (!isTaskId(taskId) || !(await parts.owners.isSeenBy(caller, taskId))) throw unknownTask(taskId);
}

/** As short as it can be: a model reads it with every list of tools. */
function toInputSchema(schema: z.ZodObject): Tool['inputSchema'] {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
  return { ...json, type: 'object', additionalProperties: false };
}

function refuseUnknown(given: Record<string, unknown>, known: readonly string[]): void {
  const field = Object.keys(given)
    .find((name) => !known.includes(name))
    ?.slice(0, 100);
  if (field === undefined) return;
  const message = `${JSON.stringify(field)} is no argument of this tool: ${suggestWord(field, known)}`;
  throw new AppError('invalid_request', message, { field });
}

/** Throws invalid_request that names the argument, its value and what is allowed. */
export function readArguments<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  given: Record<string, unknown>,
): z.output<z.ZodObject<Shape>> {
  refuseNul(given);
  const read = schema.safeParse(given, { reportInput: true });
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = (issue?.path ?? []).map(String).join('.');
  const shown = JSON.stringify(issue?.input)?.slice(0, 100) ?? 'missing';
  throw new AppError('invalid_request', `${field} is ${shown}: ${issue?.message ?? 'it is not allowed'}`, { field });
}

/** PostgreSQL cannot hold it, nor can a path. */
function refuseNul(given: Record<string, unknown>): void {
  const field = Object.keys(given).find((name) => {
    const value = given[name];
    return typeof value === 'string' && value.includes('\u0000');
  });
  if (field === undefined) return;
  throw new AppError('invalid_request', `${field} holds the character U+0000: remove it`, { field });
}
