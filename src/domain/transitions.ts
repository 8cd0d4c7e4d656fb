// The only place that lists states and the moves between them. SQL guards take `from` of the transition they make;
// the CHECK constraints of the schema, the documented diagram and the dashboard are tested against these tables.

export const TASK_STATUSES = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export const SUBTASK_STATUSES = ['pending', 'ready', 'running', 'completed', 'failed', 'blocked', 'cancelled'] as const;
export type SubtaskStatus = (typeof SUBTASK_STATUSES)[number];

export interface Transition<Status extends string> {
  readonly from: readonly Status[];
  readonly to: Status;
  /** The event row that the same transaction writes. */
  readonly event: string;
}

/** A task is created `pending`, is planned once, and ends in one of the last three states. */
export const TASK_TRANSITIONS = {
  start: { from: ['pending'], to: 'in_progress', event: 'task.planned' },
  complete: { from: ['in_progress'], to: 'completed', event: 'task.completed' },
  fail: { from: ['in_progress'], to: 'failed', event: 'task.failed' },
  cancel: { from: ['pending', 'in_progress'], to: 'cancelled', event: 'task.cancelled' },
  retry: { from: ['failed'], to: 'in_progress', event: 'task.retried' },
} as const satisfies Record<string, Transition<TaskStatus>>;

/** A subtask is created `pending` (it has dependencies) or `ready` (it has none). */
export const SUBTASK_TRANSITIONS = {
  unblock: { from: ['pending'], to: 'ready', event: 'subtask.ready' },
  claim: { from: ['ready'], to: 'running', event: 'subtask.claimed' },
  release: { from: ['running'], to: 'ready', event: 'subtask.released' },
  complete: { from: ['running'], to: 'completed', event: 'subtask.completed' },
  backOff: { from: ['running'], to: 'ready', event: 'subtask.retry_scheduled' },
  // A ready one fails when the budget of its task is used up.
  fail: { from: ['ready', 'running'], to: 'failed', event: 'subtask.failed' },
  block: { from: ['pending'], to: 'blocked', event: 'subtask.blocked' },
  cancel: { from: ['pending', 'ready', 'running'], to: 'cancelled', event: 'subtask.cancelled' },
  retry: { from: ['failed'], to: 'ready', event: 'subtask.retried' },
  reopen: { from: ['blocked'], to: 'pending', event: 'subtask.reopened' },
} as const satisfies Record<string, Transition<SubtaskStatus>>;

export type TaskTransition = keyof typeof TASK_TRANSITIONS;
export type SubtaskTransition = keyof typeof SUBTASK_TRANSITIONS;

type TransitionEvent =
  | (typeof TASK_TRANSITIONS)[TaskTransition]['event']
  | (typeof SUBTASK_TRANSITIONS)[SubtaskTransition]['event'];
export type EventType = 'task.created' | TransitionEvent;

/** Every type an event row can carry: creation, then one for each transition. */
export const EVENT_TYPES: readonly EventType[] = [
  'task.created',
  ...Object.values(TASK_TRANSITIONS).map((transition) => transition.event),
  ...Object.values(SUBTASK_TRANSITIONS).map((transition) => transition.event),
];

/** A task in one of these never changes again, except that a failed one may be retried. */
export const ENDED_TASK_STATUSES = ['completed', 'failed', 'cancelled'] as const satisfies readonly TaskStatus[];

/** A subtask in one of these will not run (again) unless its task is retried. */
export const ENDED_SUBTASK_STATUSES = [
  'completed',
  'failed',
  'blocked',
  'cancelled',
] as const satisfies readonly SubtaskStatus[];

export function isTaskEnded(status: TaskStatus): boolean {
  return (ENDED_TASK_STATUSES as readonly TaskStatus[]).includes(status);
}

export function isSubtaskEnded(status: SubtaskStatus): boolean {
  return (ENDED_SUBTASK_STATUSES as readonly SubtaskStatus[]).includes(status);
}
