// What a skill is, and how one runs. A skill is a generator that yields tool requests and returns its outcome. The
// model keeps no state: each request replays the generator over the tool answers in the conversation, so skills must
// be deterministic. The first tool error ends the skill with a plain report, unless the request says `mayFail`.
import type { JsonObject } from './prompt.ts';
import type { ToolCall } from './request.ts';
import type { Work } from './work.ts';

export interface ToolRequest {
  tool: string;
  input: JsonObject;
  /** A short sentence for the log: what it is about to do. */
  say: string;
  /** The skill looks at an error itself. */
  mayFail?: boolean;
}

export interface Outcome {
  success: boolean;
  summary: string;
  data: JsonObject;
}

export type Steps<T> = Generator<ToolRequest, T, ToolCall>;

/** Bounded: a skill asks for at most eight tool calls, whatever the tools answer. */
export interface Skill {
  fits(work: Work): boolean;
  run(work: Work): Steps<Outcome>;
}

/** The next tool request, or the outcome when there is nothing left to do. */
export function replay(steps: Steps<Outcome>, calls: ToolCall[]): { request: ToolRequest } | { outcome: Outcome } {
  let step = steps.next();
  for (const call of calls) {
    if (step.done) break;
    if (call.isError && !step.value.mayFail) return { outcome: toolFailure(call) };
    step = steps.next(call);
  }
  return step.done ? { outcome: step.value } : { request: step.value };
}

export function done(summary: string, data: JsonObject = {}): Outcome {
  return { success: true, summary, data };
}

export function cannot(summary: string, data: JsonObject = {}): Outcome {
  return { success: false, summary, data };
}

function toolFailure(call: ToolCall): Outcome {
  return cannot(`The tool ${call.tool} answered with an error: ${call.text.slice(0, 2000)}`, {
    failed_tool: call.tool,
    error: call.text.slice(0, 2000),
  });
}
