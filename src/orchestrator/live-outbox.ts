// What one watching page has yet to be sent. A page that reads slowly gets the newest row of each task, and when too many
// pile up, the advice to read its lists again: memory is bounded whatever happens.
import type { Clock } from '../clock.ts';
import type { ListedTask } from '../store/task-views.ts';
import { type Bell, createBell } from './bell.ts';

/** Tasks, or agents, that a page may be behind. */
export const BEHIND_MAX = 500;

interface Wanted {
  /** Only this user's tasks. */
  user_id?: string | undefined;
  agents: boolean;
}

export class LiveOutbox {
  private readonly clock: Clock;
  private readonly wanted: Wanted;
  private readonly bell: Bell;
  private readonly tasks = new Map<string, ListedTask>();
  private readonly agents = new Set<string>();
  private fresh = true;

  constructor(clock: Clock, wanted: Wanted) {
    this.clock = clock;
    this.wanted = wanted;
    this.bell = createBell(clock);
    this.bell.ring();
  }

  put(tasks: readonly ListedTask[], agentIds: readonly string[]): void {
    const { user_id, agents } = this.wanted;
    const seen = user_id === undefined ? tasks : tasks.filter((task) => task.user_id === user_id);
    for (const task of seen) this.tasks.set(task.id, task);
    for (const id of agents ? agentIds : []) this.agents.add(id);
    if (this.tasks.size > BEHIND_MAX || this.agents.size > BEHIND_MAX) this.startAfresh();
    if (this.tasks.size > 0 || this.agents.size > 0) this.bell.ring();
  }

  /** The page is told to read its lists again, and is sent nothing older. */
  startAfresh(): void {
    this.tasks.clear();
    this.agents.clear();
    this.fresh = true;
    this.bell.ring();
  }

  next(ms: number, signal: AbortSignal): Promise<void> {
    return this.bell.next(ms, signal);
  }

  /** What is due as the text of server-sent events; empty when nothing is. */
  take(): string {
    const hello = this.fresh ? [textOf('hello', { time: this.clock.now().toISOString() })] : [];
    const tasks = [...this.tasks.values()].map((task) => textOf('task', task));
    const agents = this.agents.size > 0 ? [textOf('agents', { agent_ids: [...this.agents] })] : [];
    this.fresh = false;
    this.tasks.clear();
    this.agents.clear();
    return [...hello, ...tasks, ...agents].join('');
  }
}

function textOf(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
