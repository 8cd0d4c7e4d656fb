import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeDb } from './db.contract.ts';
import type { Db } from './db.ts';
import { openPglite } from './db-pglite.ts';

describeDb('PGlite in memory', () => openPglite());

describe('the embedded database on disk', () => {
  let folder: string;
  let opened: Db[];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-db-'));
    opened = [];
  });
  afterEach(async () => {
    for (const db of opened) await db.close();
    await rm(folder, { recursive: true, force: true });
  });

  function open(dataDir?: string): Db {
    const db = openPglite(dataDir);
    opened.push(db);
    return db;
  }

  it('is found again when its folder is opened again', async () => {
    const dataDir = join(folder, 'not', 'yet', 'there');
    const first = open(dataDir);
    await first.script("create table kept (word text); insert into kept values ('still here')");
    await first.close();
    const second = open(dataDir);
    expect(await second.query('select word from kept')).toEqual([{ word: 'still here' }]);
  });

  it('survives the end of a statement that took too long; the transaction around it does not', async () => {
    const db = open(folder);
    await db.script("create table kept (word text); insert into kept values ('committed')");
    const slow = db.transaction(
      async (tx) => {
        await tx.query("insert into kept values ('not committed')");
        await tx.query('select count(*) from generate_series(1, 1000000000)');
      },
      { statementTimeoutMs: 500 },
    );
    const waiting = db.query('select word from kept');
    await expect(slow).rejects.toMatchObject({ code: '57014', message: expect.stringContaining('500 ms') });
    expect(await waiting).toEqual([{ word: 'committed' }]);
  });

  it('refuses the rest of a transaction whose statement took too long', async () => {
    const db = open(folder);
    await db.script('create table kept (word text)');
    const slow = db.transaction(
      async (tx) => {
        await tx.query('select pg_sleep(60)').catch(() => undefined);
        await tx.query("insert into kept values ('on another connection')");
      },
      { statementTimeoutMs: 300 },
    );
    await expect(slow).rejects.toMatchObject({ code: '57014' });
    expect(await db.query('select * from kept')).toEqual([]);
  });

  it('refuses statements while its folder cannot be opened', async () => {
    const db = open('/dev/null/nowhere');
    await expect(db.query('select 1')).rejects.toThrow('/dev/null/nowhere');
    await expect(db.query('select 1')).rejects.toThrow('/dev/null/nowhere');
  });

  it('leaves no thread behind when it is closed', async () => {
    const threads = () =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort' || kind === 'Worker').length;
    // Those of earlier tests may still be ending.
    await vi.waitFor(() => expect(threads()).toBe(0));
    const db = open();
    await db.query('select 1');
    expect(threads()).toBeGreaterThan(0);
    await db.close();
    expect(threads()).toBe(0);
  });

  it('loses no committed row when its process is killed while writing', async () => {
    const writer = startWriter(folder);
    const lines = createInterface({ input: writer.stdout! });
    const committed: number[] = [];
    for await (const line of lines) {
      committed.push(Number(line));
      if (committed.length === 200) writer.kill('SIGKILL');
    }
    const db = open(folder);
    const rows = await db.query<{ id: number }>('select id from written order by id');
    expect(committed.length).toBeGreaterThanOrEqual(200);
    // The one after the last may have been committed just before the kill, unheard.
    expect(rows.map((row) => row.id).slice(0, committed.length)).toEqual(committed);
    expect(rows.length - committed.length).toBeLessThanOrEqual(1);
    await db.query('insert into written values (-1)');
  });
});

/** A process that inserts rows into the database's own worker and prints the id of each that was committed. */
function startWriter(dataDir: string): ChildProcess {
  const program = `
    import { Worker } from 'node:worker_threads';
    const worker = new Worker(new URL(process.argv[1]), { workerData: { dataDir: process.argv[2] }, execArgv: [] });
    let id = 0;
    worker.on('message', (answer) => {
      if (answer.error) throw new Error(answer.error.message);
      if (answer.id > 1) console.log(answer.id);
      id += 1;
      worker.postMessage(id === 1
        ? { id, text: 'create table written (id int primary key)' }
        : { id, text: 'insert into written values ($1)', params: [id] });
    });`;
  const worker = new URL('./db-pglite-worker.js', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, worker, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  void once(child, 'exit');
  return child;
}
