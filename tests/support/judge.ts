// What must hold of every history, asked of the database alone: the store's own rules, and each task's events replayed
// through the tables of domain/transitions.ts.
import type { Capability } from '../../src/domain/capability.ts';
import type { Sql } from '../../src/store/db.ts';
import { type EventRow, overfullAgents, type Run, replayTask, type SubtaskRow, type TaskRow } from './replay.ts';
import { brokenInvariants } from './store-invariants.ts';

export interface Member {
  id: string;
  capabilities: readonly Capability[];
  slots: number;
}

export interface HistorySubtask extends SubtaskRow {
  required_capabilities: Capability[];
  input_data: Record<string, unknown>;
}

export interface History {
  tasks: TaskRow[];
  subtasks: HistorySubtask[];
  subtasksOf: Map<string, HistorySubtask[]>;
  eventsOf: Map<string, EventRow[]>;
}

/** By rule, what breaks it; rules that hold are left out. */
export type Broken = Record<string, unknown[]>;

export async function readHistory(db: Sql): Promise<History> {
  const tasks = await db.query<TaskRow>('select id, status from tasks order by id');
  const subtasks = await db.query<HistorySubtask>(
    `select s.id, s.task_id, s.status, s.attempt, s.failures, s.required_capabilities, s.input_data,
       array(select depends_on from dependencies d where d.subtask_id = s.id) as dependencies
     from subtasks s order by s.task_id, s.position`,
  );
  const events = await db.query<EventRow>(
    `select task_id, seq, type, subtask_id, data, (extract(epoch from created_at) * 1000)::float8 as time
     from events order by task_id, seq`,
  );
  return { tasks, subtasks, subtasksOf: byTask(subtasks), eventsOf: byTask(events) };
}

/** Of a history that is over. */
export async function judge(db: Sql, history: History, crew: readonly Member[]): Promise<Broken> {
  const replayed = history.tasks.map((task) =>
    replayTask(task, history.subtasksOf.get(task.id) ?? [], history.eventsOf.get(task.id) ?? []),
  );
  const runs = replayed.flatMap((one) => one.runs);
  return withoutKept({
    'every task has ended': history.tasks.filter(({ status }) => status === 'pending' || status === 'in_progress'),
    'the events of a task are complete, in order, and end where its rows are': replayed.flatMap((one) => one.problems),
    'no agent has more attempts than slots': overfullAgents(runs, new Map(crew.map(({ id, slots }) => [id, slots]))),
    'no agent runs what it is not capable of': incapable(runs, history.subtasks, crew),
    ...(await brokenInvariants(db)),
  });
}

export function withoutKept(rules: Broken): Broken {
  return Object.fromEntries(Object.entries(rules).filter(([, found]) => found.length > 0));
}

function byTask<Row extends { task_id: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.task_id);
    if (group) group.push(row);
    else groups.set(row.task_id, [row]);
  }
  return groups;
}

function incapable(runs: readonly Run[], subtasks: readonly HistorySubtask[], crew: readonly Member[]): Run[] {
  const needs = new Map(subtasks.map((subtask) => [subtask.id, subtask.required_capabilities]));
  const can = new Map(crew.map((agent) => [agent.id, agent.capabilities]));
  return runs.filter(
    (run) => !(needs.get(run.subtask_id) ?? []).every((need) => can.get(run.agent_id)?.includes(need)),
  );
}
