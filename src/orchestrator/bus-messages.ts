// What agents send over the bus, checked on arrival: a message that is not what it should be must neither reach the
// database nor keep the queue from moving.
import { z } from 'zod';
import { UNKNOWABLE } from '../domain/attempt.ts';
import { FAILURE_CODES } from '../domain/errors.ts';
import { LOG_LEVELS } from '../domain/log.ts';
import { pathId } from '../protocol/agent-api.ts';

/** PostgreSQL's integer. */
const count = z.int().min(0).max(2_147_483_647);

const attemptKey = {
  // As an agent takes them, also from others than us; of those nothing is known here.
  task_id: pathId,
  subtask_id: pathId,
  attempt: count,
};

export const attemptReport = z.object({
  ...attemptKey,
  agent_id: z.string().min(1),
  outcome: z.discriminatedUnion('status', [
    z.object({
      status: z.literal('completed'),
      output: z.object({
        success: z.boolean(),
        summary: z.string(),
        data: z.record(z.string(), z.unknown()),
        simulated: z.boolean().exactOptional(),
      }),
    }),
    z.object({ status: z.literal('failed'), error: z.string(), error_code: z.enum(FAILURE_CODES) }),
    z.object({ status: z.literal('handed_back'), reason: z.string() }),
  ]),
  usage: z.object({
    execution_time: z.number().positive(),
    input_tokens: count,
    output_tokens: count,
    cost_usd: z.number().nonnegative(),
    // An agent of an earlier version says neither.
    turns: count.default(0),
    unknown: z.array(z.enum(UNKNOWABLE)).default([]),
  }),
});

export const agentLogLine = z.object({
  agent_id: z.string(),
  task_id: z.string(),
  subtask_id: z.string(),
  attempt: count,
  level: z.enum(LOG_LEVELS),
  message: z.string(),
  metadata: z.record(z.string(), z.unknown()),
  time: z.iso.datetime(),
});
