// The services of a Compose file as processes of this machine: their own commands, settings and health checks, from the
// folder that stands for the image. Names are mapped to loopback and ports to free ones; PostgreSQL is the one of the test
// run, Redis is started as the file says.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { freePort } from '../support/processes.ts';
import { type ComposeFile, type ComposeService, namesOf } from './compose-file.ts';
import { type Image, inside } from './image.ts';

const HEALTHY = { timeout: 60_000, interval: 500 };
/** What every part says when it listens: a check before that would only take time from it. */
const LISTENS = / is up|Ready to accept connections/;
/** Settings that say where a service listens. */
const PORTS = ['ORCHESTRATOR_PORT', 'AGENT_PORT', 'DASHBOARD_PORT'] as const;

export interface StackOptions {
  file: ComposeFile;
  image: Image;
  /** Address of an empty database, instead of the file's own. */
  postgresUrl: string;
}

interface Instance {
  service: string;
  nth: number;
  port: number;
  child: ChildProcess;
  exited: Promise<number | string>;
  output: () => string;
}

export class LocalStack {
  readonly instances: Instance[] = [];
  private readonly options: StackOptions;
  /** `name:port` of the file → `host:port` here. */
  private readonly places = new Map<string, string>();

  constructor(options: StackOptions) {
    this.options = options;
  }

  /** Each service starts when those it depends on are healthy, as in Compose. Resolves when all are. */
  async start(): Promise<void> {
    const { services } = this.options.file;
    const { host } = new URL(this.options.postgresUrl);
    this.places.set('postgres:5432', host);
    const healthy = new Map<string, Promise<void>>();
    const starting = (name: string): Promise<void> => {
      const known = healthy.get(name) ?? this.startService(name, services[name] as ComposeService, starting);
      healthy.set(name, known);
      return known;
    };
    await Promise.all(Object.keys(services).map(starting));
  }

  /** Where the first instance of a service listens. */
  urlOf(service: string): string {
    return `http://127.0.0.1:${this.instances.find((one) => one.service === service)?.port}`;
  }

  /** Tells every service to stop, those that need others first, and gives their exit codes. */
  async stop(): Promise<Record<string, number | string>> {
    const codes: Record<string, number | string> = {};
    for (const { service, nth, child, exited } of this.instances.toReversed()) {
      child.kill('SIGTERM');
      codes[`${service}-${nth}`] = await exited;
    }
    return codes;
  }

  killAll(): void {
    for (const { child } of this.instances) child.kill('SIGKILL');
  }

  private async startService(name: string, service: ComposeService, healthy: (name: string) => Promise<void>) {
    await Promise.all(Object.keys(service.depends_on).map(healthy));
    if (name === 'postgres') return this.check(name, ['pg_isready', '-h', '127.0.0.1', '-U', 'postgres'], {});
    const replicas = Array.from({ length: service.deploy.replicas }, (_, nth) =>
      this.startInstance(name, service, nth),
    );
    await Promise.all(replicas);
  }

  private async startInstance(name: string, service: ComposeService, nth: number): Promise<void> {
    const port = await freePort();
    const inFile =
      name === 'redis' ? '6379' : (PORTS.map((setting) => service.environment[setting]).find(Boolean) ?? '');
    for (const alias of nth === 0 ? namesOf(name, service) : []) {
      if (!this.places.has(`${alias}:${inFile}`)) this.places.set(`${alias}:${inFile}`, `127.0.0.1:${port}`);
    }
    const env = { ...this.settingsOf(service, port), HOSTNAME: hostnameOf(name, nth) };
    await this.launch({ service: name, nth, port }, this.commandOf(name, service, port), env);
    const [, ...check] = service.healthcheck.test;
    const local = check.map((word) =>
      inside(this.options.image.root, word.replace(`127.0.0.1:${inFile}`, `127.0.0.1:${port}`)),
    );
    await this.check(
      `${name}-${nth}`,
      name === 'redis' ? ['redis-cli', '-p', String(port), ...local.slice(1)] : local,
      env,
    );
  }

  private settingsOf(service: ComposeService, port: number): Record<string, string> {
    const { image, postgresUrl } = this.options;
    const settings = Object.entries({ ...image.env, ...service.environment }).map(([name, value]): [string, string] => {
      if (PORTS.some((setting) => setting === name)) return [name, String(port)];
      const mapped = inside(image.root, value).replaceAll(/[a-z]\w*:\d+/g, (place) => this.places.get(place) ?? place);
      return [
        name,
        name === 'POSTGRES_URL' ? mapped.replace(/[^/]+$/, new URL(postgresUrl).pathname.slice(1)) : mapped,
      ];
    });
    const path = `${image.root}/usr/local/bin:${process.env.PATH}`;
    return { ...Object.fromEntries(settings), PATH: path, HOME: '/nonexistent' };
  }

  private commandOf(name: string, service: ComposeService, port: number): string[] {
    const { image } = this.options;
    if (name === 'redis') {
      const folder = join(image.root, 'redis');
      mkdirSync(folder, { recursive: true });
      return [...service.command, '--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
    }
    const words = [...(service.entrypoint ?? image.entrypoint), ...service.command];
    expect(words.slice(0, 2)).toEqual(['tini', '--']);
    return words.slice(2).map((word) => inside(image.root, word));
  }

  /** Resolves when it says that it listens; rejects when it ends before. */
  private async launch(
    place: Pick<Instance, 'service' | 'nth' | 'port'>,
    command: string[],
    env: Record<string, string>,
  ): Promise<void> {
    const [program = '', ...args] = command;
    const { root, user } = this.options.image;
    const own = place.service === 'redis' ? {} : user;
    const child = spawn(program, args, { cwd: join(root, 'muster'), env, stdio: ['ignore', 'pipe', 'pipe'], ...own });
    let output = '';
    const listens = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (chunk) => {
          output += String(chunk);
          if (LISTENS.test(output)) resolve();
        });
      }
    });
    const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
    this.instances.push({ ...place, child, exited, output: () => output });
    const ended = exited.then((code) => Promise.reject(new Error(`${place.service} ended with ${code}: ${output}`)));
    await Promise.race([listens, ended]);
  }

  /** Asks until the check says that it is healthy; what the service said tells why it is not. */
  private async check(name: string, [program = '', ...args]: string[], env: Record<string, string>): Promise<void> {
    const said = () => this.instances.find((one) => `${one.service}-${one.nth}` === name)?.output() ?? '';
    await vi.waitFor(async () => {
      const check = spawn(program, args, { env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' });
      const [code] = await once(check, 'exit');
      expect(code, `${name} is not healthy; it says: ${said()}`).toBe(0);
    }, HEALTHY);
  }
}

/** Every replica is a host of its own: a number is an address, 127.0.0.2 and so on, and may stand in an agent's id. */
function hostnameOf(service: string, nth: number): string {
  return String(2_130_706_434 + Number(service.match(/\d+$/)?.[0] ?? 0) * 100 + nth);
}
