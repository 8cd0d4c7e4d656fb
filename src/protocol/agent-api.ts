// What travels between orchestrator and agents over HTTP. The base contract's fields, plus the attempt that fences them.
import { z } from 'zod';
import { CAPABILITIES } from '../domain/capability.ts';
import { DEFAULT_PRIORITY, PRIORITY_MAX } from '../domain/subtask.ts';

export const capabilitySchema = z.enum(CAPABILITIES);

/** An id that becomes part of a path. */
export const pathId = z.string().regex(/^[\w-]{1,200}$/, 'may hold letters, digits, _ and - only, 200 at most');
/** PostgreSQL's integer: a larger number could be worked on, but not be reported. */
const attempt = z.int().positive().max(2_147_483_647);

export const executeRequest = z.object({
  task_id: pathId,
  subtask: z.object({
    id: pathId,
    description: z.string().min(1),
    required_capabilities: z.array(capabilitySchema).min(1),
    dependencies: z.array(z.string()).default([]),
    priority: z.int().min(0).max(PRIORITY_MAX).default(DEFAULT_PRIORITY),
    estimated_duration: z.int().nullable().optional(),
    input_data: z.record(z.string(), z.unknown()).default({}),
  }),
  task_context: z
    .looseObject({
      description: z.string().optional().describe('The whole task, for orientation.'),
      user_id: z.string().optional(),
      /** By subtask id: what each dependency produced. */
      dependencies: z
        .record(z.string(), z.object({ description: z.string(), agent_id: z.string(), output: z.unknown() }))
        .optional(),
    })
    .default({}),
  attempt: attempt.default(1).describe('The fence. An execute without one (a call by hand) runs as attempt 1.'),
  deadline_ms: z.int().positive().optional().describe('Milliseconds the attempt may take from now.'),
  /** The attempt's share of the task's budget; left out, there is no limit. */
  caps: z
    .object({ max_turns: z.int().positive().optional(), max_budget_usd: z.number().positive().optional() })
    .default({}),
});
export type ExecuteRequest = z.infer<typeof executeRequest>;

export const executeResponse = z.object({ status: z.literal('accepted'), agent_id: z.string() });

/** Several at once, each with the span that it belongs to, if it is traced. */
export const EXECUTIONS_MAX = 500;
export const executionsRequest = z.object({
  executions: z
    .array(executeRequest.extend({ traceparent: z.string().optional() }))
    .min(1)
    .max(EXECUTIONS_MAX),
});
export const executionsResponse = z.object({
  agent_id: z.string(),
  /** In the order of the request. */
  answers: z.array(
    z.discriminatedUnion('status', [
      z.object({ status: z.literal('accepted') }),
      z.object({ status: z.literal('refused'), detail: z.string(), code: z.string() }),
    ]),
  ),
});
export type ExecutionAnswer = z.infer<typeof executionsResponse>['answers'][number];

/** Stops a running attempt; `attempt` left out stops whichever attempt of the subtask runs. */
export const stopRequest = z.object({ subtask_id: z.string().min(1), attempt: attempt.optional() });
export const stopResponse = z.object({ stopped: z.boolean() });

export const healthResponse = z.object({
  status: z.literal('healthy'),
  agent_id: z.string(),
  is_available: z.boolean(),
  current_task: z.string().nullable(),
  sdk_version: z.string(),
});

export const agentStatus = z.object({
  agent_id: z.string(),
  instance_id: z.string(),
  url: z.string(),
  port: z.int(),
  capabilities: z.array(capabilitySchema).min(1),
  slots: z.int().positive(),
  running: z.array(z.object({ subtask_id: z.string(), attempt: z.int() })),
  is_available: z.boolean(),
  current_task: z.string().nullable(),
  cpu_usage: z.number().min(0).max(100),
  memory_usage: z.number().min(0).max(100),
  tasks_completed: z.int().nonnegative(),
  last_heartbeat: z.iso.datetime(),
});

/** Every error of both services. */
export const errorResponse = z.object({ detail: z.string(), code: z.string(), field: z.string().optional() });
