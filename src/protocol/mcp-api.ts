// What the tools of the MCP endpoint take: the parameters of the HTTP API under the same names, by the same schemas, and
// what a tool needs beside them. Their descriptions are read by models with every list of tools, so they are short.
import { z } from 'zod';
import { planSchema } from '../domain/plan.ts';
import { TASK_STATUSES } from '../domain/transitions.ts';
import { capabilitySchema } from './agent-api.ts';
import { createTaskBody, listTasksQuery } from './api.ts';

/** Seconds that one call waits at most, and by default: less than the minute after which many clients give up. */
export const WAIT_SECONDS_MAX = 600;
const WAIT_SECONDS_DEFAULT = 50;

/** Bytes of a file that one call answers with at most, and by default: some 16,000 tokens of text. */
const PART_BYTES_MAX = 1_048_576;
const PART_BYTES_DEFAULT = 65_536;
/** Any character fits, so that every part gets on. */
const PART_BYTES_MIN = 1_024;

const taskId = z.string();
const seconds = z.number().min(0).max(WAIT_SECONDS_MAX);

export const submitTaskArguments = createTaskBody.omit({ user_id: true }).extend({
  user_id: createTaskBody.shape.user_id.unwrap().optional().describe('Default: the user of the API key.'),
  plan: planSchema
    .optional()
    .describe('Runs as it is; dependencies are indices into subtasks. Default: it is planned.'),
  files: z
    .array(z.strictObject({ name: z.string(), text: z.string() }))
    .max(100)
    .optional()
    .describe('Text files for the agents, under input/.'),
  idempotency_key: z.string().min(1).max(200).optional().describe('A repeated call with it gets the first task.'),
  wait_seconds: seconds.default(0).describe('Wait so long for the end.'),
});

export const getTaskArguments = z.object({
  task_id: taskId,
  subtask_id: z.string().optional().describe('Show this one in full, with its output.'),
  subtasks_from: z.int().min(0).default(0).describe('Position of the first subtask shown.'),
  subtasks_max: z.int().min(0).max(200).default(50),
});

export const waitForTaskArguments = z.object({
  task_id: taskId,
  timeout: seconds.default(WAIT_SECONDS_DEFAULT).describe('Seconds.'),
});

export const listTasksArguments = listTasksQuery.extend({
  status: z.union([z.enum(TASK_STATUSES), z.array(z.enum(TASK_STATUSES))]).optional(),
  text: listTasksQuery.shape.text.describe('Words of the description.'),
  limit: z.int().min(1).max(100).default(20),
  cursor: listTasksQuery.shape.cursor.describe('next_cursor of the page before.'),
});

export const cancelTaskArguments = z.object({ task_id: taskId });

export const listAgentsArguments = z.object({
  capability: capabilitySchema.optional(),
  available: z.boolean().optional().describe('true: only those with a free slot.'),
});

export const readTaskFileArguments = z.object({
  task_id: taskId,
  path: z.string().min(1).max(2_000).optional().describe('Such as output/report.md. Default: the list of files.'),
  offset: z.int().min(0).default(0).describe('Bytes to skip.'),
  max_bytes: z.int().min(PART_BYTES_MIN).max(PART_BYTES_MAX).default(PART_BYTES_DEFAULT),
});
