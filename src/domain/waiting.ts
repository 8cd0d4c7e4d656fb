// Why a subtask is not running, or a task has none yet: the one sentence a person wants when nothing seems to happen.
import type { AgentStatus } from './agent.ts';
import { allot, leftInWords, type Purse } from './budget.ts';
import { covers, maskOf } from './capability.ts';
import type { Subtask } from './subtask.ts';

export const WAITING_KINDS = ['dependencies', 'backing_off', 'no_such_agent', 'budget', 'free_agent'] as const;
export type WaitingKind = (typeof WAITING_KINDS)[number];

export interface WaitingReason {
  reason: WaitingKind;
  message: string;
  /** Ids of the subtasks it waits for, when that is the reason. */
  waiting_for?: string[];
  /** When it will be tried again, when it is backing off. */
  until?: string;
}

export interface WaitingView {
  agents: readonly Pick<AgentStatus, 'capabilities'>[];
  /** Ids of the task's completed subtasks. */
  completed: ReadonlySet<string>;
  /** Of the task. */
  purse: Purse;
  now: Date;
}

type Waiting = Pick<Subtask, 'status' | 'due_at' | 'failures' | 'overruns' | 'dependencies' | 'required_capabilities'>;

/** Null for a subtask that runs or has ended. */
export function waitingReason(subtask: Waiting, view: WaitingView): WaitingReason | null {
  if (subtask.status === 'pending') return forDependencies(subtask, view.completed);
  if (subtask.status !== 'ready') return null;
  if (subtask.due_at && new Date(subtask.due_at) > view.now) {
    // An agent that was busy after all hands the subtask back: that waits too, but is no failure.
    const why = subtask.failures > 0 ? `failed ${subtask.failures} time(s)` : 'no agent took it up';
    const message = `${why}; tried again at ${subtask.due_at}`;
    return { reason: 'backing_off', message, until: subtask.due_at };
  }
  return forAgent(subtask, view);
}

function forDependencies(subtask: Waiting, completed: ReadonlySet<string>): WaitingReason {
  const waiting = subtask.dependencies.filter((id) => !completed.has(id));
  return {
    reason: 'dependencies',
    message: `waits for ${waiting.length} ${waiting.length === 1 ? 'dependency' : 'dependencies'}`,
    waiting_for: waiting,
  };
}

function forAgent(subtask: Waiting, { agents, purse }: WaitingView): WaitingReason {
  const needed = maskOf(subtask.required_capabilities);
  const words = subtask.required_capabilities.join(' + ');
  if (!agents.some((agent) => covers(maskOf(agent.capabilities), needed)))
    return {
      reason: 'no_such_agent',
      message: `no registered agent has ${words}: waits until such an agent registers`,
    };
  if (allot(purse, [subtask]).includes(null))
    return { reason: 'budget', message: `waits for budget that running subtasks hold: ${leftInWords(purse)}` };
  return { reason: 'free_agent', message: `waits for a free agent with ${words}` };
}

export const TASK_WAITING_KINDS = ['planning_slot', 'plan'] as const;

/** What a pending task waits for. */
export interface TaskWaiting {
  reason: (typeof TASK_WAITING_KINDS)[number];
  message: string;
  /** When the model is asked again, when it was busy. */
  until?: string;
  /** Of the plan, that have been written so far. */
  steps?: number;
}

/** `slots`: tasks that are planned at once. `waiting`: those in line, this one included. */
export function waitsForSlot(line: { slots: number; waiting: number; until: Date | null }): TaskWaiting {
  const reason = 'planning_slot';
  const until = line.until?.toISOString();
  if (until)
    return { reason, message: `waits for a planning slot: the model is busy and asked again at ${until}`, until };
  const taken = line.slots === 1 ? 'the only one is taken' : `all ${line.slots} are taken`;
  const others = line.waiting - 1;
  const beside = others === 0 ? 'nobody else waits' : `${others} other ${others === 1 ? 'task waits' : 'tasks wait'}`;
  return { reason, message: `waits for a planning slot: ${taken}, ${beside}` };
}

export function underPlanning(steps: number): TaskWaiting {
  const sofar = steps === 0 ? '' : `: ${steps} ${steps === 1 ? 'step' : 'steps'} so far`;
  return { reason: 'plan', message: `planning${sofar}`, steps };
}
