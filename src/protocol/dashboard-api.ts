// What the dashboard's pages read beside api.ts: each page gets what it shows in one answer, and hears of changes by one
// stream. Any client may use these; nothing in them is the dashboard's alone.
import { z } from 'zod';
import { FAILURE_CODES } from '../domain/errors.ts';
import { SUBTASK_STATUSES, TASK_STATUSES } from '../domain/transitions.ts';
import { agentStatus, capabilitySchema } from './agent-api.ts';
import { agentLog, listLogsQuery, subtask, subtaskResult, task, taskSummary } from './api.ts';

const instant = z.iso.datetime();
const count = z.int().nonnegative();

/** GET /system: what is in use, for the banner. */
export const systemResponse = z.object({
  version: z.string(),
  model: z.object({ kind: z.enum(['claude', 'offline']), name: z.string() }),
  store: z.string().describe('In words, without credentials.'),
  bus: z.string(),
  agent_runtime: z.enum(['claude', 'simulate']),
  limits: z.object({ description_max: z.int(), body_bytes: z.int(), slots_default: z.int() }),
});
export type SystemResponse = z.infer<typeof systemResponse>;

/** A subtask as graph, timeline and table show it: the whole list of a task of 5,000 stays small. */
export const graphNode = subtask
  .pick({
    id: true,
    position: true,
    required_capabilities: true,
    priority: true,
    estimated_duration: true,
    rank: true,
    status: true,
    attempt: true,
    failures: true,
    agent_id: true,
    waiting: true,
    ready_at: true,
    started_at: true,
    finished_at: true,
  })
  .extend({
    title: z.string().describe('The first 120 characters of the description.'),
    dependencies: z.array(z.int()).describe('Positions of the subtasks it depends on.'),
    error: z.string().nullable().describe('The first 200 characters.'),
    cost_usd: z.number(),
    input_tokens: count,
    output_tokens: count,
  });
export type GraphNode = z.infer<typeof graphNode>;

/** One run of a subtask by an agent. */
export const attemptSpan = z.object({
  position: z.int(),
  attempt: z.int().positive(),
  agent_id: z.string(),
  ready_at: instant.describe(
    'When the subtask had become ready for this attempt: from then to `started_at` it was queued or backing off.',
  ),
  started_at: instant,
  ended_at: instant.nullable().describe('Null while it runs.'),
  outcome: z
    .enum(['running', 'completed', 'failed', 'released', 'cancelled'])
    .describe('`released`: given back unstarted or handed back by a stopping agent; no failure was counted.'),
  error_code: z.enum(FAILURE_CODES).nullable(),
});
export type AttemptSpan = z.infer<typeof attemptSpan>;

/** GET /tasks/{task_id}/graph: the task page in one answer. */
export const taskGraphResponse = z.object({
  task: task.omit({ subtasks: true, result: true }).extend({
    summary: z.string().nullable(),
    cost_usd: z.number(),
    input_tokens: count,
    output_tokens: count,
  }),
  last_event: count.describe('Number of the last event that these rows include: a stream of events goes on after it.'),
  nodes: z.array(graphNode),
  critical_path: z
    .array(z.int())
    .describe('Positions along the longest way through the graph by estimated duration, in order.'),
  attempts: z.array(attemptSpan),
  estimated_seconds_left: z
    .number()
    .nullable()
    .describe(
      'Seconds until the end, by the estimates of what is left on the longest way; null when it ended or nothing is known.',
    ),
});
export type TaskGraphResponse = z.infer<typeof taskGraphResponse>;

/** GET /tasks/{task_id}/subtasks/{subtask_id}: the side panel. */
export const subtaskDetailResponse = z.object({
  subtask,
  /** What it is given by its dependencies; `output` is null until the dependency completed. */
  inputs: z.array(
    subtask.pick({ id: true, position: true, description: true, status: true }).extend({
      output: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
  dependents: z
    .array(subtask.pick({ id: true, position: true, description: true, status: true }))
    .describe('Ids and positions of what depends on it.'),
  results: z.array(subtaskResult).describe('One for each attempt that ended, oldest first.'),
  attempts_max: z.int(),
});
export type SubtaskDetailResponse = z.infer<typeof subtaskDetailResponse>;

/** GET /stats: the overview strip. */
export const statsQuery = z.object({ window: z.enum(['1h', '24h', '7d']).default('1h') });
const percentiles = z.object({ p50: z.number().nullable(), p95: z.number().nullable() });
export const statsResponse = z.object({
  tasks: z.record(z.enum(TASK_STATUSES), count).describe('Open ones now, and those that ended in the window.'),
  subtasks: z.record(z.enum(SUBTASK_STATUSES), count).describe('Of the tasks that have not ended.'),
  /** Ready subtasks by what they need, most first. */
  queue: z.array(
    z.object({ required_capabilities: z.array(capabilitySchema), ready: count, oldest_ready_at: instant }),
  ),
  agents: z.object({ registered: count, slots: count, busy: count }),
  window: z.object({ from: instant, to: instant, bucket_seconds: z.int() }),
  waiting_seconds: percentiles.describe('Of the attempts that ended in the window: seconds from ready to started.'),
  running_seconds: percentiles.describe('Of the same: seconds from started to ended.'),
  cost_usd: z.number(),
  buckets: z.array(
    z.object({
      at: instant,
      tasks_completed: count,
      tasks_failed: count,
      subtasks_completed: count,
      attempts_failed: count,
      waiting_seconds: percentiles,
      running_seconds: percentiles,
      cost_usd: z.number(),
    }),
  ),
});
export type StatsResponse = z.infer<typeof statsResponse>;

/** GET /agents/activity: the agents page. */
export const agentActivity = agentStatus.extend({
  registered: z.boolean().describe('False: it left or fell silent; `last_heartbeat` says when it was last heard of.'),
  capabilities: z.array(capabilitySchema).describe('Empty for an agent that is known by its results alone.'),
  slots: count,
  attempts_completed: count.describe('Attempts that ended within 24 h.'),
  attempts_failed: count,
  /** What it works on now. */
  current: z.array(
    z.object({
      task_id: z.string(),
      subtask_id: z.string(),
      attempt: z.int(),
      description: z.string(),
      started_at: instant,
    }),
  ),
  history: z
    .array(z.object({ at: instant, cpu_usage: z.number(), memory_usage: z.number(), running: count }))
    .describe('The last heartbeats, oldest first, at most 60: kept in memory by the replica that answers.'),
});
export type AgentActivity = z.infer<typeof agentActivity>;
export const agentsActivityResponse = z.object({
  agents: z.array(agentActivity),
  missing: z
    .array(z.object({ required_capabilities: z.array(capabilitySchema), ready: count }))
    .describe('Sets of capabilities that ready subtasks need and no registered agent has.'),
});
export type AgentsActivityResponse = z.infer<typeof agentsActivityResponse>;

/**
 * GET /events: server-sent events of everything, for pages that show many tasks. `task`: a row of the task list as it
 * stands now, at most four a second for each task. `agents`: some agent's status changed. `hello` comes first on each
 * connection: whoever was away reads its lists again.
 */
export const liveEvents = {
  hello: z.object({ time: instant }),
  task: taskSummary,
  agents: z.object({ agent_ids: z.array(z.string()) }),
};
export const liveQuery = z.object({ user_id: z.string().optional() });

/**
 * GET /logs/stream: events `log`, lines as they are stored, after `after_id` or the header Last-Event-ID. `id` of each is
 * the line's; a line that was committed late, after lines with higher ids were sent, comes without one.
 */
export const logLineEvent = agentLog;
export const streamLogsQuery = listLogsQuery.omit({ before: true, limit: true, cursor: true }).extend({
  after_id: z.string().optional().meta({ description: 'Id of the last line already seen; default: the newest.' }),
});

/** POST /tasks/actions: cancel or retry several tasks at once. */
export const taskActionsBody = z.strictObject({
  action: z.enum(['cancel', 'retry']),
  task_ids: z.array(z.string()).min(1).max(100),
});
export const taskActionsResponse = z.object({
  results: z.array(
    z.object({
      task_id: z.string(),
      done: z.boolean().describe('False with the reason in `detail`, such as a task that has ended.'),
      status: z.enum(TASK_STATUSES).nullable(),
      detail: z.string().nullable(),
    }),
  ),
});
export type TaskActionsResponse = z.infer<typeof taskActionsResponse>;

/** POST /tasks with `Prefer: respond-async`: answered 202 as soon as the task is stored; planning goes on. */
export const taskStoredResponse = z.object({ task_id: z.string(), status: z.literal('created') });
export type TaskStoredResponse = z.infer<typeof taskStoredResponse>;
