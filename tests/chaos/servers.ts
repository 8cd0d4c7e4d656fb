// A PostgreSQL and a Redis server of the run's own, so that they can be stopped, crashed and emptied at will.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createClient } from 'redis';
import { ownPort } from './ports.ts';

const READY_MS = 30_000;
/** How long a server may take to stop by itself. */
const STOP_MS = 10_000;
/** Messages, at most. */
const REPEATED = 200;

/** A process that is started, and started again after it was stopped. */
abstract class Server {
  readonly port: number;
  protected readonly folder: string;
  private child: ChildProcess | null = null;

  constructor(port: number, folder: string) {
    this.port = port;
    this.folder = folder;
  }

  protected abstract launch(log: number): ChildProcess;
  protected abstract ping(): Promise<void>;

  async start(): Promise<void> {
    const deadline = Date.now() + READY_MS;
    for (;;) {
      if (this.child?.exitCode !== null || this.child.signalCode) this.relaunch();
      try {
        return await this.ping();
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await pause(50);
      }
    }
  }

  /** Ends with the process gone; one that does not heed the signal is killed. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode) return;
    const gone = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await gone;
    clearTimeout(timer);
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  private relaunch(): void {
    const log = openSync(join(this.folder, 'server.log'), 'a');
    this.child = this.launch(log);
    this.child.on('error', () => undefined);
    closeSync(log);
  }
}

export class PostgresServer extends Server {
  static async create(): Promise<PostgresServer> {
    const owner = unprivileged();
    const folder = mkdtempSync(join(tmpdir(), 'chaos-postgres-'));
    if (owner) execFileSync('chown', [`${owner.uid}:${owner.gid}`, folder]);
    const args = [
      '-D',
      join(folder, 'data'),
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--no-locale',
      '--no-sync',
    ];
    execFileSync(postgresBinary('initdb') ?? 'initdb', args, { ...owner, cwd: '/', stdio: 'ignore' });
    return new PostgresServer(await ownPort(), folder);
  }

  /** Through this port: the server's own, or that of a link to it. */
  url(port = this.port): string {
    return `postgresql://postgres@127.0.0.1:${port}/muster`;
  }

  /** Every connection but the asking one breaks. */
  async terminateBackends(): Promise<void> {
    await this.ask(
      `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename is not null`,
    );
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  protected override launch(log: number): ChildProcess {
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', 'fsync=off'];
    const args = ['-D', join(this.folder, 'data'), '-p', String(this.port), ...settings.flatMap((one) => ['-c', one])];
    return spawn(postgresBinary('postgres') ?? 'postgres', args, {
      ...unprivileged(),
      cwd: '/',
      stdio: ['ignore', log, log],
    });
  }

  protected override async ping(): Promise<void> {
    await this.ask('select 1');
  }

  private async ask(sql: string): Promise<void> {
    const url = new URL(this.url());
    url.pathname = '/postgres';
    const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query(sql);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

export class RedisServer extends Server {
  static async create(): Promise<RedisServer> {
    return new RedisServer(await ownPort(), mkdtempSync(join(tmpdir(), 'chaos-redis-')));
  }

  url(port = this.port): string {
    return `redis://127.0.0.1:${port}/0`;
  }

  async flush(): Promise<void> {
    await this.ask((client) => client.flushAll());
  }

  /** The latest messages of a stream come once more, late. */
  async repeat(stream: string, afterMs: number): Promise<void> {
    await this.ask(async (client) => {
      const latest = (await client.xRevRange(stream, '+', '-', { COUNT: REPEATED })) ?? [];
      await pause(afterMs);
      await Promise.all(latest.map(({ message }) => client.xAdd(stream, '*', message)));
    });
  }

  async ask<T>(question: (client: RedisClient) => Promise<T>): Promise<T> {
    const client = newClient(this.url());
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await question(client);
    } finally {
      if (client.isOpen) client.destroy();
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  protected override launch(log: number): ChildProcess {
    const args = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    return spawn('redis-server', args, { cwd: this.folder, stdio: ['ignore', log, log] });
  }

  protected override async ping(): Promise<void> {
    await this.ask((client) => client.ping());
  }
}

export type RedisClient = ReturnType<typeof newClient>;

function newClient(url: string) {
  return createClient({ url, socket: { connectTimeout: 2_000, reconnectStrategy: false } });
}

/** What is missing on this machine, in words; null when both servers can be started. */
export function missingServers(): string | null {
  const missing = [
    ...(postgresBinary('initdb') && postgresBinary('postgres') ? [] : ['PostgreSQL (initdb and postgres)']),
    ...(findInPath('redis-server') ? [] : ['Redis (redis-server)']),
  ];
  return missing.length > 0 ? `not installed: ${missing.join(' and ')}` : null;
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package made. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** Debian keeps the binaries of each version in a folder outside of PATH. */
function postgresBinary(name: string): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, 'bin', name)).find(existsSync) ?? findInPath(name);
}

function findInPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(':').filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(existsSync);
}
