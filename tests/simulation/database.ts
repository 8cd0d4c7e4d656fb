// PostgreSQL in virtual time: the real store's statements on an embedded database whose now() is the timeline's. Each
// statement is an entry of its own, so anything may happen between two of them, and any of them may fail.
// There is one connection: transactions of different processes never overlap. What they do to each other when they do is
// for the suites that run on a server.
import { PGlite, types } from '@electric-sql/pglite';
import { type Db, type Row, type Sql, type Tx, toParameter } from '../../src/store/db.ts';
import { migrate } from '../../src/store/migrate.ts';
import { BEGINNING, kill, type Process, type Timeline } from './timeline.ts';

/** What becomes of a statement. `lost` and `killed after` took effect. */
export type Fault = 'failed' | 'lost' | 'killed before' | 'killed after';

const IDLE_MS = 3_000;

/** The embedded database in this thread: each statement is over before anything else happens, and costs no more. */
export interface Engine extends Sql {
  close(): Promise<void>;
}

/** An empty store in which now() is what `sim.now` says. */
export async function openEngine(): Promise<Engine> {
  const pglite = await PGlite.create({ parsers: PARSERS });
  const engine: Engine = {
    query: async <R>(text: string, params: readonly unknown[] = []) =>
      (await pglite.query<R>(text, params.map(toParameter))).rows,
    script: async (text) => void (await pglite.exec(text)),
    close: () => pglite.close(),
  };
  await engine.script(`
    create schema sim;
    create function sim.now() returns timestamptz stable language sql
      as $$ select pg_catalog.current_setting('sim.now')::pg_catalog.timestamptz $$;
    set sim.now = '2030-01-01T00:00:00Z';
    set search_path = sim, public, pg_catalog;
  `);
  await migrate({ ...engine, transaction: (work) => work({ ...engine, last: engine.query }) });
  return engine;
}

/** As both drivers of the store read them. */
const PARSERS = {
  [types.TIMESTAMPTZ]: (value: string) => new Date(value).toISOString(),
  [types.INT8]: Number,
  [types.NUMERIC]: Number,
};

export class DatabaseServer {
  /** Called after each transaction. */
  onCommit: () => Promise<void> = async () => undefined;
  /** Until this instant nobody is answered. */
  downUntil = 0;
  /** Faults to come, each after so many more statements of orchestrators. */
  private readonly faults: { left: number; fault: Fault }[] = [];
  private readonly engine: Engine;
  private readonly timeline: Timeline;
  private busy = false;
  private readonly waiting: (() => void)[] = [];
  private clockSetTo = -1;

  constructor(engine: Engine, timeline: Timeline) {
    this.engine = engine;
    this.timeline = timeline;
  }

  plan(fault: Fault, left: number): void {
    this.faults.push({ fault, left });
  }

  heal(): void {
    this.faults.length = 0;
    this.downUntil = 0;
  }

  /** The database as one process sees it. */
  connect(process: Process): Db {
    return {
      query: (text, params) => this.query(process, text, params),
      script: () => Promise.reject(new Error('a simulated process runs no scripts')),
      transaction: (work) => this.transaction(process, work),
      close: async () => undefined,
    };
  }

  /** Outside of all simulation: for preparations and checks. */
  async ask<R = Row>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    await this.setClock();
    return this.engine.query<R>(text, params);
  }

  private async query<R>(process: Process, text: string, params?: readonly unknown[]): Promise<R[]> {
    return this.statement(process, text, async () => {
      const release = await this.turn(process);
      return {
        run: async () => {
          await this.setClock();
          return this.engine.query<R>(text, params);
        },
        release,
      };
    });
  }

  private async transaction<T>(process: Process, work: (tx: Tx) => Promise<T>): Promise<T> {
    const release = await this.turn(process);
    const session = new Session(this.engine, this.timeline, release);
    const forget = forgetting(process.onDeath, () => this.timeline.after(0, null, () => session.rollBack()));
    try {
      await this.statement(process, 'begin', async () => ({
        run: async () => {
          await this.setClock();
          await session.begin();
        },
      }));
      const result = await work(this.sessionOf(process, session));
      await this.statement(process, 'commit', async () => ({
        run: async () => {
          await session.commit();
          await this.onCommit();
        },
      }));
      return result;
    } catch (error) {
      await this.timeline.perform(0, null, () => session.rollBack());
      throw error;
    } finally {
      forget();
      release();
    }
  }

  private sessionOf(process: Process, session: Session): Tx {
    let before: Promise<unknown> = Promise.resolve();
    const inTurn = async <R>(text: string, params?: readonly unknown[]) => {
      try {
        return await this.statement(process, text, async () => ({ run: () => session.query<R>(text, params) }));
      } catch (error) {
        session.failure ??= error;
        throw error;
      }
    };
    // On one connection statements run in the order in which they were given.
    const query = <R>(text: string, params?: readonly unknown[]) => {
      const answer = before.then(() => inTurn<R>(text, params));
      before = answer.catch(() => undefined);
      return answer;
    };
    return {
      query,
      // The commit follows as a statement of its own, so that it may fail by itself.
      last: query,
      script: () => Promise.reject(new Error('a simulated process runs no scripts')),
    };
  }

  /** Sent, run at the server, answered; a process that dies or stops meanwhile keeps nobody waiting. */
  private async statement<T>(process: Process, text: string, arrive: () => Promise<Arrived<T>>): Promise<T> {
    const { timeline } = this;
    await timeline.hop(process);
    const { run, release } = await arrive();
    const answer = await timeline.perform(timeline.delay(), null, async () => {
      const answered = await this.runAtServer(process, text, run);
      release?.();
      return answered;
    });
    await timeline.hop(process);
    if ('error' in answer) throw answer.error;
    return answer.value;
  }

  private async runAtServer<T>(
    process: Process,
    text: string,
    run: () => Promise<T>,
  ): Promise<{ value: T } | { error: unknown }> {
    if (!process.alive) return { error: connectionLost() };
    const fault = this.nextFault(process);
    this.timeline.note(`${process.name} ${fault ? `[${fault}] ` : ''}${firstWords(text)}`);
    if (fault === 'killed before') kill(process);
    if (fault === 'killed before' || fault === 'failed') return { error: connectionLost() };
    try {
      const value = await run();
      if (fault === 'killed after') kill(process);
      return fault === 'lost' ? { error: connectionLost() } : { value };
    } catch (error) {
      return { error };
    }
  }

  private nextFault(process: Process): Fault | null {
    if (this.downUntil > this.timeline.now) return 'failed';
    if (!process.name.startsWith('orchestrator')) return null;
    const [next] = this.faults;
    if (!next) return null;
    if (next.left > 0) {
      next.left -= 1;
      return null;
    }
    this.faults.shift();
    return next.fault;
  }

  /** Resolves, when it is this one's turn, to what passes the turn on; a dead process passes it on by itself. */
  private async turn(process: Process): Promise<() => void> {
    while (this.busy) await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (!process.alive) {
      this.pass();
      return new Promise<never>(() => undefined);
    }
    this.busy = true;
    let over = false;
    const release = () => {
      if (over) return;
      over = true;
      forget();
      this.busy = false;
      this.pass();
    };
    const forget = forgetting(process.onDeath, () => this.timeline.after(0, null, release));
    return release;
  }

  private pass(): void {
    if (!this.busy) this.waiting.shift()?.();
  }

  private async setClock(): Promise<void> {
    if (this.clockSetTo === this.timeline.now) return;
    this.clockSetTo = this.timeline.now;
    const now = new Date(BEGINNING + this.timeline.now).toISOString();
    await this.engine.query("select set_config('sim.now', $1, false)", [now]);
  }
}

interface Arrived<T> {
  run: () => Promise<T>;
  /** Lets the next one have the connection. */
  release?: () => void;
}

/** One open transaction. It ends by itself, as on a server with such a timeout, when its process leaves it idle. */
class Session {
  failure: unknown = null;
  private readonly engine: Engine;
  private readonly timeline: Timeline;
  private readonly release: () => void;
  private open = false;
  /** Its connection is another's by now. */
  private over = false;
  private cancelIdle: () => void = () => undefined;

  constructor(engine: Engine, timeline: Timeline, release: () => void) {
    this.engine = engine;
    this.timeline = timeline;
    this.release = release;
    this.idle();
  }

  async begin(): Promise<void> {
    if (this.over) throw connectionLost();
    await this.engine.query('begin');
    this.open = true;
  }

  async query<R>(text: string, params?: readonly unknown[]): Promise<R[]> {
    if (!this.open) throw connectionLost();
    this.idle();
    return this.engine.query<R>(text, params);
  }

  async commit(): Promise<void> {
    if (!this.open) throw connectionLost();
    // The server knows nothing of a failure that was made up.
    await this.end(this.failure ? 'rollback' : 'commit');
    if (this.failure) throw this.failure;
  }

  async rollBack(): Promise<void> {
    await this.end('rollback');
  }

  private async end(how: 'commit' | 'rollback'): Promise<void> {
    this.cancelIdle();
    this.over = true;
    if (!this.open) return;
    this.open = false;
    await this.engine.query(how);
  }

  private idle(): void {
    this.cancelIdle();
    this.cancelIdle = this.timeline.after(IDLE_MS, null, async () => {
      await this.rollBack();
      this.release();
    });
  }
}

function forgetting(callbacks: (() => void)[], callback: () => void): () => void {
  callbacks.push(callback);
  return () => {
    const place = callbacks.indexOf(callback);
    if (place >= 0) callbacks.splice(place, 1);
  };
}

function connectionLost(): Error {
  return Object.assign(new Error('the connection to the database was lost'), { code: '08006' });
}

function firstWords(text: string): string {
  return text.trim().split(/\s+/).slice(0, 4).join(' ');
}
