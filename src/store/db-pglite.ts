// The embedded database: PGlite on disk (or in memory), in a worker thread. One connection, so statements and
// transactions take turns. It runs without fsync: a killed process loses nothing, a power cut may.
// PGlite cannot cancel a statement; one that is over its time is ended with its thread, and the data is opened anew.
import { Worker } from 'node:worker_threads';
import {
  beginOf,
  type Db,
  type Row,
  STATEMENT_TIMEOUT_MS,
  type TransactionOptions,
  type Tx,
  toParameter,
  toText,
} from './db.ts';

/** SQLSTATE query_canceled, as a server answers when statement_timeout strikes. */
const QUERY_CANCELED = '57014';

/**
 * The database in `dataDir`, created when missing. It opens with its first statement, which a new folder keeps waiting for
 * some seconds; what comes meanwhile takes its turn. Without a folder it lives in memory, for tests, and a statement that
 * is over its time takes all of it along: what comes next finds an empty database.
 */
export function openPglite(dataDir?: string): Db {
  return new PgliteDb(new Connection(dataDir));
}

class PgliteDb implements Db {
  private readonly connection: Connection;
  private lastTurn: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection) {
    this.connection = connection;
  }

  query<R = Row>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    return this.inTurn(() => this.connection.run(text, { params, timeoutMs: STATEMENT_TIMEOUT_MS }) as Promise<R[]>);
  }

  script(text: string): Promise<void> {
    return this.inTurn(async () => void (await this.connection.run(text, { timeoutMs: STATEMENT_TIMEOUT_MS })));
  }

  transaction<T>(work: (tx: Tx) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    const timeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
    return this.inTurn(async () => {
      await this.connection.run(beginOf(options), { timeoutMs });
      const generation = this.connection.generation;
      const failures: unknown[] = [];
      try {
        const result = await work(this.session({ generation, timeoutMs, failures }));
        // PostgreSQL answers a commit of a broken transaction with a silent rollback: whoever swallowed the error hears of it.
        if (failures.length > 0) throw failures[0];
        await this.connection.run('commit', { timeoutMs, generation });
        return result;
      } catch (error) {
        // A thread that was ended took its transaction with it.
        if (this.connection.generation === generation) await this.connection.run('rollback', { timeoutMs });
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    await this.inTurn(() => this.connection.close());
  }

  private session({ failures, ...options }: { generation: number; timeoutMs: number; failures: unknown[] }): Tx {
    const run = async (text: string, params?: readonly unknown[]) => {
      try {
        return await this.connection.run(text, params ? { ...options, params } : options);
      } catch (error) {
        failures.push(error);
        throw error;
      }
    };
    const query = <R>(text: string, params: readonly unknown[] = []) => run(text, params) as Promise<R[]>;
    return {
      query,
      last: query,
      script: async (text) => void (await run(text)),
    };
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.lastTurn.then(work, work);
    this.lastTurn = turn.catch(() => undefined);
    return turn;
  }
}

interface Answer {
  id: number;
  rows?: Row[];
  error?: { message: string; code?: string };
}

interface RunOptions {
  params?: readonly unknown[];
  /** 0 is no limit. */
  timeoutMs: number;
  /** Refuses to run on a later thread than the one the transaction began on. */
  generation?: number;
}

/** By statement: whoever waits for its answer. */
type Pending = Map<number, { resolve: (rows: Row[]) => void; reject: (error: Error) => void }>;

/** The thread, the statements it has not answered, and its replacement when it ends. */
class Connection {
  /** Counts the threads started, so that a transaction knows when its own is gone. */
  generation = 0;
  private readonly dataDir: string | undefined;
  private worker: Worker | null = null;
  private pending: Pending = new Map();
  private lastId = 0;
  private closed = false;

  constructor(dataDir: string | undefined) {
    this.dataDir = dataDir;
  }

  private async open(): Promise<void> {
    this.generation += 1;
    const worker = new Worker(new URL('./db-pglite-worker.js', import.meta.url), {
      workerData: { dataDir: this.dataDir },
    });
    // Of its own, since a thread that fails tells so twice, and the second time its successor may be at work.
    const pending: Pending = new Map();
    this.worker = worker;
    this.pending = pending;
    const opened = this.answerTo(0);
    worker.on('message', (answer: Answer) => this.settle(answer));
    worker.on('error', (error) => this.lose(worker, pending, error));
    worker.on('exit', () => this.lose(worker, pending, new Error('the embedded database stopped')));
    await opened;
  }

  async run(text: string, options: RunOptions): Promise<Row[]> {
    if (options.generation !== undefined && options.generation !== this.generation)
      throw canceled('its transaction was ended');
    if (this.closed) throw new Error('the embedded database is closed');
    if (!this.worker) await this.open();
    this.lastId += 1;
    const id = this.lastId;
    const answer = this.answerTo(id);
    const { timeoutMs } = options;
    const timer = timeoutMs > 0 ? setTimeout(() => this.cancel(id, timeoutMs), timeoutMs) : undefined;
    this.worker?.postMessage({ id, text: toText(text), params: options.params?.map(toParameter) });
    return answer.finally(() => clearTimeout(timer));
  }

  async close(): Promise<void> {
    const worker = this.worker;
    this.closed = true;
    this.worker = null;
    if (!worker) return;
    const exited = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage('close');
    await exited;
  }

  private answerTo(id: number): Promise<Row[]> {
    return new Promise((resolve, reject) => this.pending.set(id, { resolve, reject }));
  }

  private settle(answer: Answer): void {
    const waiting = this.pending.get(answer.id);
    this.pending.delete(answer.id);
    if (answer.error) waiting?.reject(Object.assign(new Error(answer.error.message), answer.error));
    else waiting?.resolve(answer.rows ?? []);
  }

  private cancel(id: number, timeoutMs: number): void {
    const waiting = this.pending.get(id);
    this.pending.delete(id);
    const worker = this.worker;
    this.worker = null;
    this.generation += 1;
    // The next statement opens the data anew, and must not do so while the old thread still holds it.
    void worker?.terminate().then(() => waiting?.reject(canceled(`it ran for more than ${timeoutMs} ms`)));
  }

  private lose(worker: Worker, pending: Pending, error: Error): void {
    if (this.worker === worker) {
      this.worker = null;
      this.generation += 1;
    }
    for (const waiting of pending.values()) waiting.reject(error);
    pending.clear();
  }
}

function canceled(why: string): Error {
  return Object.assign(new Error(`canceling statement: ${why}`), { code: QUERY_CANCELED });
}
