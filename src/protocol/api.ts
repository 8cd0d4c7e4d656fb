// What travels over the orchestrator's HTTP API. Schemas stand here once: routes validate with them, the OpenAPI document
// is generated from them, and the client takes its types from them.
import { z } from 'zod';
import { BUDGET_USD_MAX, MAX_TURNS_MAX, USD_DECIMALS } from '../domain/budget.ts';
import { FAILURE_CODES } from '../domain/errors.ts';
import { LOG_LEVELS } from '../domain/log.ts';
import { PRIORITY_MAX, SUBTASK_DESCRIPTION_MAX } from '../domain/subtask.ts';
import { DEFAULT_USER, DESCRIPTION_MIN, PLAN_SOURCES, TASK_DESCRIPTION_MAX } from '../domain/task.ts';
import { EVENT_TYPES, SUBTASK_STATUSES, TASK_STATUSES } from '../domain/transitions.ts';
import { TASK_WAITING_KINDS, WAITING_KINDS } from '../domain/waiting.ts';
import { agentStatus, capabilitySchema } from './agent-api.ts';

const instant = z.iso.datetime();
/** One to search by. PostgreSQL knows no year 0. */
const searchedInstant = instant.refine((text) => !text.startsWith('0000-'), 'must be in year 1 or later');

/** Ids as the document describes them; what the database holds is not checked again on its way out. */
const idOf = (kind: 'task' | 'subtask' | 'agent') => z.string().meta({ pattern: `^${kind}_` });
const descriptionUpTo = (maxLength: number) => z.string().meta({ minLength: DESCRIPTION_MIN, maxLength });

export const taskDescription = z
  .string({ error: 'is missing: say in plain language what should be done' })
  .min(DESCRIPTION_MIN, `must be at least ${DESCRIPTION_MIN} characters: say what should be done`)
  .max(TASK_DESCRIPTION_MAX, `must be at most ${TASK_DESCRIPTION_MAX} characters: attach long material as a file`);

export const userId = z.string().min(1, 'must not be empty: leave it out for the default user').max(200);

/** What a task may use of money and of model turns, over all its attempts. */
export const taskLimits = z.object({
  budget_usd: z
    .number()
    .positive()
    .max(BUDGET_USD_MAX)
    .optional()
    .meta({
      description: `Dollars that the attempts of the task may cost together, at most ${USD_DECIMALS} decimals. Default: no limit.`,
    }),
  max_turns: z
    .int()
    .min(1)
    .max(MAX_TURNS_MAX)
    .optional()
    .meta({ description: 'Answers of the model that the attempts of the task may use together. Default: no limit.' }),
});

/** The parameters of a new task, in the query string, a JSON body or the fields of a multipart body. */
export const createTaskBody = z.object({
  description: taskDescription,
  user_id: userId.default(DEFAULT_USER),
  /** Checked by the rules of domain/plan. */
  plan: z.unknown().optional().meta({
    description:
      'A graph to run as it is: `{"subtasks": […]}`, each with `description` and `required_capabilities`, and if you like `dependencies` (indices into the same list), `priority`, `estimated_duration` (seconds) and `input_data`. At most 5,000 subtasks. Default: the model makes one.',
  }),
  ...taskLimits.shape,
});

export const createTaskResponse = z.object({
  task_id: idOf('task'),
  status: z.literal('created'),
  subtasks_count: z.int().min(1),
  initial_subtasks_queued: z.int().min(1),
});
export type CreateTaskResponse = z.infer<typeof createTaskResponse>;

export const subtaskResult = z.object({
  task_id: z.string(),
  subtask_id: z.string(),
  attempt: z.int().positive(),
  agent_id: idOf('agent'),
  status: z.enum(['completed', 'failed']),
  output: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('What the agent answered; null when the attempt failed.'),
  error: z.string().nullable(),
  error_code: z.enum(FAILURE_CODES).nullable().describe('One of the failures of attempts in docs/errors.md.'),
  execution_time: z.number().positive().describe('Seconds.'),
  input_tokens: z.int().nonnegative(),
  output_tokens: z.int().nonnegative(),
  cost_usd: z.number().nonnegative(),
  turns: z.int().nonnegative().describe('Answers of the model.'),
  created_at: instant,
});

export const waitingReasonSchema = z.object({
  reason: z.enum(WAITING_KINDS),
  message: z.string(),
  waiting_for: z.array(z.string()).optional().describe('Ids of the dependencies that have not completed.'),
  until: instant.optional().describe('When a subtask that backs off is due.'),
});

export const taskWaitingSchema = z.object({
  reason: z.enum(TASK_WAITING_KINDS),
  message: z.string(),
  until: instant.optional(),
  steps: z.int().nonnegative().optional(),
});

export const subtask = z.object({
  id: idOf('subtask'),
  task_id: z.string(),
  position: z.int().describe('Place in the plan, from 0.'),
  description: descriptionUpTo(SUBTASK_DESCRIPTION_MAX),
  required_capabilities: z.array(capabilitySchema).min(1),
  dependencies: z.array(z.string()).describe('Ids of the subtasks whose outputs it needs.'),
  priority: z.int().min(0).max(PRIORITY_MAX),
  estimated_duration: z.int().min(1).nullable().describe('Seconds, as the plan has it.'),
  input_data: z.record(z.string(), z.unknown()).describe('What the plan gives it beside its description.'),
  rank: z.number().describe('Seconds of the longest path from here to the end of the task; longer goes first.'),
  status: z.enum(SUBTASK_STATUSES),
  attempt: z.int().describe('Number of the current or last attempt; 0 before the first.'),
  failures: z.int().describe('Attempts that failed since the last retry by a person.'),
  overruns: z.int().describe('Attempts that used up their share of the budget.'),
  reserved_usd: z.number().describe('What the running attempt holds of the budget.'),
  reserved_turns: z.int(),
  agent_id: z.string().nullable(),
  due_at: instant.nullable().describe('Not claimed before.'),
  deadline_at: instant.nullable().describe('When the running attempt is stopped.'),
  error: z.string().nullable(),
  waiting: waitingReasonSchema.nullable().describe('Why it does not run; null unless it is pending or ready.'),
  created_at: instant,
  updated_at: instant,
  ready_at: instant.nullable(),
  started_at: instant.nullable(),
  finished_at: instant.nullable(),
});

export const task = z.object({
  id: idOf('task'),
  user_id: z.string().min(1),
  description: descriptionUpTo(TASK_DESCRIPTION_MAX),
  status: z.enum(TASK_STATUSES),
  plan_source: z.enum(PLAN_SOURCES).nullable().describe('Null until it is planned.'),
  budget_usd: z.number().nullable(),
  max_turns: z.int().nullable(),
  spent_usd: z.number().describe('What its attempts cost so far.'),
  spent_turns: z.int().describe('Answers of the model in its attempts so far.'),
  planner_input_tokens: z.int(),
  planner_output_tokens: z.int(),
  waiting: taskWaitingSchema
    .nullable()
    .meta({ description: 'Why a pending task has no plan yet, where that is known.' }),
  subtasks: z.array(subtask),
  result: z
    .object({ summary: z.string(), subtask_results: z.array(subtaskResult) })
    .nullable()
    .describe('Not null exactly when it completed.'),
  error: z.string().nullable().describe('Not null exactly when it failed.'),
  created_at: instant,
  updated_at: instant,
  started_at: instant.nullable().describe('When it was planned, or retried last.'),
  finished_at: instant.nullable(),
});
export type TaskView = z.infer<typeof task>;

export const taskResponse = z.object({ task, subtask_results: z.array(subtaskResult) });
export type TaskResponse = z.infer<typeof taskResponse>;

/** A row of the task list. */
export const taskSummary = task.omit({ subtasks: true, result: true, waiting: true }).extend({
  subtasks_total: z.int(),
  subtasks_completed: z.int(),
  subtasks_running: z.int(),
  subtasks_failed: z.int(),
  cost_usd: z.number(),
});
export type TaskSummary = z.infer<typeof taskSummary>;

const page = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().optional(),
};

const taskStatus = z.enum(TASK_STATUSES);

export const listTasksQuery = z.object({
  /** Given several times: one of these. */
  status: z
    .union([taskStatus, z.array(taskStatus)], { error: `must be one of ${TASK_STATUSES.join(', ')}` })
    .optional()
    .meta({ description: 'One status, or several: `status=failed&status=cancelled`.' }),
  user_id: userId.optional(),
  text: z.string().min(1).max(200).optional().describe('Words that the description contains.'),
  created_after: searchedInstant.optional(),
  created_before: searchedInstant.optional(),
  sort: z.enum(['newest', 'oldest']).default('newest'),
  ...page,
});
export type ListTasksQuery = z.infer<typeof listTasksQuery>;

export const listTasksResponse = z.object({ tasks: z.array(taskSummary), next_cursor: z.string().nullable() });

export const agentLog = z.object({
  id: z.int(),
  time: instant,
  agent_id: z.string(),
  task_id: z.string(),
  subtask_id: z.string(),
  attempt: z.int(),
  level: z.enum(LOG_LEVELS),
  message: z.string(),
  metadata: z.record(z.string(), z.unknown()),
});

export const listLogsQuery = z.object({
  agent_id: z.string().optional(),
  task_id: z.string().optional(),
  subtask_id: z.string().optional(),
  level: z.enum(LOG_LEVELS).optional().describe('This level and the graver ones.'),
  text: z.string().min(1).max(200).optional(),
  after: searchedInstant.optional(),
  before: searchedInstant.optional(),
  ...page,
});
export type ListLogsQuery = z.infer<typeof listLogsQuery>;

export const listLogsResponse = z.object({ logs: z.array(agentLog), next_cursor: z.string().nullable() });

export const listAgentsResponse = z.object({ agents: z.array(agentStatus.extend({ agent_id: idOf('agent') })) });
export const availableAgentsQuery = z.object({ capability: capabilitySchema.optional() });
export const availableAgentsResponse = z.object({
  available_agents: z.array(z.string()),
  count: z.int().nonnegative(),
});

/** The `data` of one server-sent event; its `id` is `seq`, its `event` is `type`. */
export const taskEvent = z.object({
  task_id: z.string(),
  seq: z.int().positive(),
  type: z.enum(EVENT_TYPES as [(typeof EVENT_TYPES)[number], ...(typeof EVENT_TYPES)[number][]]),
  subtask_id: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
  created_at: instant,
});

/** Answers to cancel and retry. */
export const taskActionResponse = z.object({ task_id: z.string(), status: z.enum(TASK_STATUSES) });

export const searchQuery = z.object({
  user_id: userId,
  query: z.string().min(1).max(500),
  limit: z.coerce.number().int().min(1).max(20).default(5),
});
export const searchResponse = z.object({
  results: z.array(
    z.object({ task_id: z.string(), source: z.string(), title: z.string(), excerpt: z.string(), score: z.number() }),
  ),
});

export const fileEntry = z.object({ path: z.string(), bytes: z.int().nonnegative() });
export const listFilesResponse = z.object({ files: z.array(fileEntry) });

export const healthzResponse = z.object({ status: z.literal('ok') });
export const readyzResponse = z.object({
  status: z.enum(['ready', 'not_ready']),
  checks: z.object({ database: z.string(), bus: z.string(), scheduler: z.string() }),
});
