// Tells every watching page which tasks and agents changed: woken by the bus, read from the database, one query for all
// tasks of a round and for all pages. It runs while somebody watches.
import { findListed, listOpenMarks } from '../store/task-views.ts';
import { createBell, pause } from './bell.ts';
import { linkedAbort } from './linked-abort.ts';
import { LiveOutbox } from './live-outbox.ts';
import { listen } from './notices.ts';
import type { Parts } from './parts.ts';

/** Between two rounds, so that a task is told at most four times a second. */
const ROUND_MS = 250;
/** The open tasks are looked at this often, since a notice may be lost. */
const LOOK_MS = 5_000;
/** A comment after this much silence keeps proxies from cutting the connection. */
const HEARTBEAT_MS = 15_000;
/** Tasks read in a round; the others wait for the next. */
const ROUND_TASKS = 500;
/** Tasks that may wait; with more, every page is told to read its lists again. */
const WAITING_MAX = 5_000;

type LiveParts = Pick<Parts, 'db' | 'bus' | 'clock' | 'logger' | 'stopping'>;

export interface LiveWatch {
  /** Only this user's tasks. */
  user_id?: string | undefined;
  /** Whether agents that changed are told too. */
  agents: boolean;
  /** Aborts when the client goes. */
  gone: AbortSignal;
}

export class LiveFeed {
  private readonly parts: LiveParts;
  private readonly outboxes = new Set<LiveOutbox>();
  private rounds: Promise<Rounds> | null = null;

  constructor(parts: LiveParts) {
    this.parts = parts;
  }

  /** The stream's text, until the client goes or the service stops. */
  async *watch({ gone, ...wanted }: LiveWatch): AsyncGenerator<string> {
    const { clock, stopping } = this.parts;
    const outbox = new LiveOutbox(clock, wanted);
    const ending = linkedAbort(stopping, gone);
    this.outboxes.add(outbox);
    try {
      // Listening starts before the page reads its lists, so that no change falls between the two.
      this.rounds ??= startRounds(this.parts, this.outboxes);
      await this.rounds;
      yield 'retry: 1000\n\n';
      for (;;) {
        await outbox.next(HEARTBEAT_MS, ending.signal);
        if (ending.signal.aborted) return;
        yield outbox.take() || ': still here\n\n';
      }
    } finally {
      ending.release();
      this.outboxes.delete(outbox);
      if (this.outboxes.size === 0) await this.rest();
    }
  }

  private async rest(): Promise<void> {
    const { rounds } = this;
    this.rounds = null;
    await (await rounds)?.stop();
  }
}

interface Rounds {
  stop(): Promise<void>;
}

/** Resolves once it listens. */
async function startRounds(parts: LiveParts, outboxes: ReadonlySet<LiveOutbox>): Promise<Rounds> {
  const news = new News(parts, outboxes);
  const ending = new AbortController();
  const bell = createBell(parts.clock);
  const leave = await Promise.all([
    listen(parts, 'events', ({ task_ids }) => {
      for (const id of task_ids) news.tasks.add(id);
      bell.ring();
    }),
    listen(parts, 'agents', ({ agent_id }) => {
      news.agents.add(agent_id);
      bell.ring();
    }),
  ]);
  const running = runRounds(parts, { news, next: () => bell.next(LOOK_MS, ending.signal), signal: ending.signal });
  return {
    async stop() {
      for (const unsubscribe of leave) unsubscribe();
      ending.abort();
      await running;
    },
  };
}

interface Loop {
  news: News;
  next: () => Promise<void>;
  signal: AbortSignal;
}

async function runRounds({ clock, logger }: LiveParts, { news, next, signal }: Loop): Promise<void> {
  let lookAt = 0;
  while (!signal.aborted) {
    const now = clock.now().getTime();
    const looks = now >= lookAt;
    if (looks) lookAt = now + LOOK_MS;
    const told = await news.tell({ looks }).catch((error: unknown) => {
      logger.warn({ err: error }, 'changed tasks could not be read; they are read again');
      return { more: false };
    });
    await pause(clock, { ms: ROUND_MS, signal });
    if (!told.more) await next();
  }
}

/** What changed and was not told yet. */
class News {
  readonly tasks = new Set<string>();
  readonly agents = new Set<string>();
  private readonly parts: LiveParts;
  private readonly outboxes: ReadonlySet<LiveOutbox>;
  /** By open task: its last event when it was looked at. Null before the first look. */
  private marks: Map<string, number> | null = null;

  constructor(parts: LiveParts, outboxes: ReadonlySet<LiveOutbox>) {
    this.parts = parts;
    this.outboxes = outboxes;
  }

  /** One round. `more`: another one is due at once. */
  async tell({ looks }: { looks: boolean }): Promise<{ more: boolean }> {
    if (looks) await this.look();
    if (this.tasks.size > WAITING_MAX) {
      this.tasks.clear();
      for (const outbox of this.outboxes) outbox.startAfresh();
    }
    const ids = [...this.tasks].slice(0, ROUND_TASKS);
    const agents = [...this.agents];
    for (const id of ids) this.tasks.delete(id);
    this.agents.clear();
    const rows = ids.length === 0 ? [] : await this.read(ids);
    for (const outbox of this.outboxes) outbox.put(rows, agents);
    return { more: this.tasks.size > 0 };
  }

  /** Finds what no notice told of: open tasks with new events, and those that are open no longer. */
  private async look(): Promise<void> {
    const seen = this.marks;
    this.marks = new Map((await listOpenMarks(this.parts.db)).map((mark) => [mark.id, mark.last_event]));
    if (!seen) return;
    for (const [id, mark] of this.marks) if (seen.get(id) !== mark) this.tasks.add(id);
    for (const id of seen.keys()) if (!this.marks.has(id)) this.tasks.add(id);
  }

  private async read(ids: readonly string[]) {
    try {
      return await findListed(this.parts.db, ids);
    } catch (error) {
      for (const id of ids) this.tasks.add(id);
      throw error;
    }
  }
}
