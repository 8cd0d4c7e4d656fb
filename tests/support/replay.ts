// Replays the events of one task through the table of transitions, and says where they tell of something that must not
// happen. Knows nothing of how the rows came to be: it is the second opinion on them.
import { MAX_FAILURES } from '../../src/domain/subtask.ts';
import {
  SUBTASK_TRANSITIONS,
  type SubtaskStatus,
  TASK_TRANSITIONS,
  type TaskStatus,
  type Transition,
} from '../../src/domain/transitions.ts';

export interface TaskRow {
  id: string;
  status: TaskStatus;
}

export interface SubtaskRow {
  id: string;
  task_id: string;
  status: SubtaskStatus;
  attempt: number;
  failures: number;
  dependencies: string[];
}

export interface EventRow {
  task_id: string;
  seq: number;
  type: string;
  subtask_id: string | null;
  data: { agent_id?: string; attempt?: number };
  /** Milliseconds of the database's clock, at the start of the transaction. */
  time: number;
}

/** One attempt, from its claim until the database no longer waited for it. */
export interface Run {
  subtask_id: string;
  attempt: number;
  agent_id: string;
  from: number;
  to: number;
}

export interface Replayed {
  problems: string[];
  runs: Run[];
}

interface Node {
  id: string;
  dependencies: string[];
  status: SubtaskStatus;
  attempt: number;
  /** Failures counted since the start or the last retry by a client. */
  failures: number;
  completedAt: number;
  run: Run | null;
}

const OPEN: readonly SubtaskStatus[] = ['pending', 'ready', 'running'];

export function replayTask(task: TaskRow, subtasks: readonly SubtaskRow[], events: readonly EventRow[]): Replayed {
  const replay = new Replay(subtasks);
  for (const [nth, event] of events.entries()) replay.play(event, nth + 1);
  replay.compare(task, subtasks);
  return { problems: replay.problems.map((problem) => `${task.id}: ${problem}`), runs: replay.runs };
}

class Replay {
  readonly problems: string[] = [];
  readonly runs: Run[] = [];
  private readonly nodes: Map<string, Node>;
  private status: TaskStatus | null = null;

  constructor(subtasks: readonly SubtaskRow[]) {
    this.nodes = new Map(
      subtasks.map(({ id, dependencies }) => [
        id,
        { id, dependencies, status: 'pending', attempt: 0, failures: 0, completedAt: 0, run: null },
      ]),
    );
  }

  play(event: EventRow, nth: number): void {
    if (event.seq !== nth) this.problem(event, `carries a number other than ${nth}`);
    const node = this.nodes.get(event.subtask_id ?? '');
    if (event.subtask_id === null) this.playTask(event);
    else if (node) this.playSubtask(event, node);
    else this.problem(event, 'is of no subtask of the task');
  }

  compare(task: TaskRow, subtasks: readonly SubtaskRow[]): void {
    if (this.status !== task.status) this.problems.push(`its events end in ${this.status}, its row in ${task.status}`);
    for (const row of subtasks) {
      const node = this.nodes.get(row.id);
      const [told, stored] = [wordsOf(node), wordsOf(row)];
      if (told !== stored) this.problems.push(`events of ${row.id} end ${told}, its row is ${stored}`);
    }
  }

  private playTask(event: EventRow): void {
    if (event.type === 'task.created') {
      if (this.status) this.problem(event, 'comes again');
      this.status = 'pending';
      return;
    }
    const transition = Object.values(TASK_TRANSITIONS).find((one) => one.event === event.type);
    this.status = this.move(event, transition, this.status);
    const statuses = [...this.nodes.values()].map((node) => node.status);
    const left = statuses.filter((status) => OPEN.includes(status)).length;
    if (['completed', 'failed', 'cancelled'].includes(this.status) && left > 0)
      this.problem(event, `comes while ${left} subtasks are open`);
    if (this.status === 'completed' && statuses.some((status) => status !== 'completed'))
      this.problem(event, 'comes although not all subtasks completed');
  }

  private playSubtask(event: EventRow, node: Node): void {
    const transition = Object.values(SUBTASK_TRANSITIONS).find((one) => one.event === event.type);
    const before = node.status;
    node.status = this.move(event, transition, before);
    if (event.type === 'subtask.claimed') this.begin(event, node);
    else if (before === 'running') this.end(event, node);
    if (event.type === 'subtask.completed') node.completedAt = event.time;
    if (event.type === 'subtask.retried' || event.type === 'subtask.reopened') node.failures = 0;
    if (event.type === 'subtask.ready') this.demandDependencies(event, node);
    if (
      event.type === 'subtask.blocked' &&
      !this.dependencies(node).some(({ status }) => status === 'failed' || status === 'blocked')
    )
      this.problem(event, 'comes although no dependency failed');
  }

  private begin(event: EventRow, node: Node): void {
    const { agent_id = '', attempt = 0 } = event.data;
    if (this.status !== 'in_progress') this.problem(event, `comes while the task is ${this.status}`);
    if (attempt !== node.attempt + 1) this.problem(event, `is attempt ${attempt} after attempt ${node.attempt}`);
    node.attempt = attempt;
    this.demandDependencies(event, node);
    node.run = { subtask_id: node.id, attempt, agent_id, from: event.time, to: Number.POSITIVE_INFINITY };
    this.runs.push(node.run);
  }

  private end(event: EventRow, node: Node): void {
    const { attempt } = event.data;
    if (attempt !== undefined && attempt !== node.attempt)
      this.problem(event, `ends attempt ${attempt} while ${node.attempt} runs`);
    if (event.type === 'subtask.retry_scheduled' || event.type === 'subtask.failed') node.failures += 1;
    const most = event.type === 'subtask.retry_scheduled' ? MAX_FAILURES - 1 : MAX_FAILURES;
    if (node.failures > most) this.problem(event, `is failure ${node.failures} of at most ${most}`);
    if (node.run) node.run.to = event.time;
    node.run = null;
  }

  private demandDependencies(event: EventRow, node: Node): void {
    for (const source of this.dependencies(node)) {
      if (source.status !== 'completed')
        this.problem(event, `comes while its dependency ${source.id} is ${source.status}`);
      else if (event.type === 'subtask.claimed' && event.time < source.completedAt)
        this.problem(event, `is older than the completion of its dependency ${source.id}`);
    }
  }

  private dependencies(node: Node): Node[] {
    return node.dependencies.flatMap((id) => this.nodes.get(id) ?? []);
  }

  /** The state after the event, even when it should not have come. */
  private move<Status extends string>(
    event: EventRow,
    transition: Transition<Status> | undefined,
    from: Status | null,
  ): Status {
    if (!transition) throw new Error(`${event.type} is the event of no transition`);
    if (from === null || !transition.from.includes(from)) this.problem(event, `comes in state ${from}`);
    return transition.to;
  }

  private problem(event: EventRow, what: string): void {
    this.problems.push(
      `event ${event.seq} (${event.type}${event.subtask_id ? ` of ${event.subtask_id}` : ''}) ${what}`,
    );
  }
}

function wordsOf(subtask: Pick<SubtaskRow, 'status' | 'attempt' | 'failures'> | undefined): string {
  return `${subtask?.status} after attempt ${subtask?.attempt} and ${subtask?.failures} failures`;
}

/** Where an agent had more attempts than slots at one time. An attempt ends when the database stops waiting for it. */
export function overfullAgents(runs: readonly Run[], slots: ReadonlyMap<string, number>): string[] {
  // What ends in the same millisecond as another begins made room for it.
  const changes = runs
    .flatMap((run) => [
      { run, at: run.from, by: 1 },
      { run, at: run.to, by: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.by - b.by);
  const held = new Map<string, Set<Run>>();
  return changes.flatMap(({ run, at, by }) => {
    const mine = held.get(run.agent_id) ?? new Set();
    held.set(run.agent_id, mine);
    if (by < 0) mine.delete(run);
    else mine.add(run);
    if (by < 0 || mine.size <= (slots.get(run.agent_id) ?? 0)) return [];
    const names = [...mine].map((one) => `${one.subtask_id}:${one.attempt}`).join(', ');
    return [`${run.agent_id} held ${mine.size} attempts at ${new Date(at).toISOString()}: ${names}`];
  });
}
