// The system under test in its real shape: two orchestrators and five agents as processes of their own, on servers of their
// own, with a link that can fail between any two that talk.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_CREW } from '../../src/domain/agent.ts';
import { Link } from '../support/link.ts';
import { listProcesses } from '../support/processes.ts';
import { ownPort } from './ports.ts';
import { PostgresServer, RedisServer } from './servers.ts';
import { Service } from './service.ts';

export const SLOTS = 4;
const ORCHESTRATORS = 2;

/** Short times, so that what takes a minute in production takes seconds here. */
const TIMES = {
  HEARTBEAT_INTERVAL_MS: '500',
  HEARTBEAT_TTL_MS: '3000',
  ATTEMPT_TIMEOUT_MS: '10000',
  // An agent that is told to stop hands back what takes longer.
  SHUTDOWN_MS: '200',
};

export interface Cluster {
  /** Logs, files; kept when the run fails. */
  folder: string;
  postgres: PostgresServer;
  redis: RedisServer;
  orchestrators: Service[];
  agents: Service[];
  links: Link[];
  /** Addresses of the orchestrators, not through a link: clients are no part of the test. */
  urls: string[];
  /** What no fault explains. */
  troubles: string[];
}

/** Everything in its place, nothing running yet. */
export async function prepareCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'chaos-'));
  mkdirSync(join(folder, 'logs'));
  const [postgres, redis] = [await PostgresServer.create(), await RedisServer.create()];
  const cluster: Cluster = {
    folder,
    postgres,
    redis,
    orchestrators: [],
    agents: [],
    links: [],
    urls: [],
    troubles: [],
  };
  for (let nth = 1; nth <= ORCHESTRATORS; nth += 1) await addOrchestrator(cluster, `orchestrator_${nth}`);
  for (const { agent_id, capabilities } of DEFAULT_CREW) await addAgent(cluster, { name: agent_id, capabilities });
  return cluster;
}

/** Resolves when every process is up. */
export async function startCluster(cluster: Cluster): Promise<void> {
  await Promise.all([cluster.postgres.start(), cluster.redis.start()]);
  await Promise.all(servicesOf(cluster).map((service) => service.start()));
}

export function servicesOf({ orchestrators, agents }: Cluster): Service[] {
  return [...orchestrators, ...agents];
}

/** Stops everything as an operator would: each process ends by itself. */
export async function stopCluster(cluster: Cluster): Promise<void> {
  await Promise.all(servicesOf(cluster).map((service) => service.stop()));
  for (const link of cluster.links) link.close();
  await Promise.all([cluster.postgres.stop('SIGQUIT'), cluster.redis.stop('SIGTERM')]);
}

/** Command lines of processes that outlived the services that started them. */
export function orphans(cluster: Cluster): string[] {
  const groups = new Set(servicesOf(cluster).flatMap((service) => service.groups));
  return listProcesses()
    .filter((one) => groups.has(one.pgid))
    .map((one) => `${one.pid} ${one.command}`);
}

/** At once and without waiting: for a test process that is ended itself. */
export function killCluster(cluster: Cluster): void {
  for (const one of [...servicesOf(cluster), cluster.postgres, cluster.redis]) one.signal('SIGKILL');
}

/** Whatever state it is in, nothing of it runs afterwards; the folder with the logs stays. */
export async function removeCluster(cluster: Cluster): Promise<void> {
  await Promise.all(servicesOf(cluster).map((service) => service.kill()));
  for (const link of cluster.links) link.close();
  await Promise.all([cluster.postgres.stop('SIGKILL'), cluster.redis.stop('SIGKILL')]);
  cluster.postgres.remove();
  cluster.redis.remove();
}

export function removeFolder(cluster: Cluster): void {
  rmSync(cluster.folder, { recursive: true, force: true });
}

async function addOrchestrator(cluster: Cluster, name: string): Promise<void> {
  const { postgres, redis } = cluster;
  const [port, toPostgres, toRedis] = [
    await ownPort(),
    await open(cluster, `${name} → postgres`, postgres.port),
    await open(cluster, `${name} → redis`, redis.port),
  ];
  cluster.urls.push(`http://127.0.0.1:${port}`);
  const orchestrator = newService(cluster, name, {
    ORCHESTRATOR_PORT: String(port),
    POSTGRES_URL: postgres.url(toPostgres.port),
    REDIS_URL: redis.url(toRedis.port),
    MUSTER_MODEL: 'offline',
  });
  cluster.orchestrators.push(orchestrator);
}

async function addAgent(cluster: Cluster, agent: { name: string; capabilities: readonly string[] }): Promise<void> {
  const { name, capabilities } = agent;
  const port = await ownPort();
  const toRedis = await open(cluster, `${name} → redis`, cluster.redis.port);
  const toAgent = await open(cluster, `orchestrators → ${name}`, port);
  const service = newService(cluster, name, {
    AGENT_ID: name,
    AGENT_PORT: String(port),
    AGENT_URL: `http://127.0.0.1:${toAgent.port}`,
    AGENT_CAPABILITIES: capabilities.join(','),
    AGENT_SLOTS: String(SLOTS),
    AGENT_RUNTIME: 'simulate',
    ORCHESTRATOR_URL: cluster.urls[0] ?? '',
    REDIS_URL: cluster.redis.url(toRedis.port),
  });
  cluster.agents.push(service);
}

async function open(cluster: Cluster, name: string, port: number): Promise<Link> {
  const link = await Link.open(name, port);
  cluster.links.push(link);
  return link;
}

function newService(cluster: Cluster, name: string, settings: Record<string, string>): Service {
  const { folder, troubles } = cluster;
  return new Service({
    name,
    args: [name.startsWith('agent') ? 'agent' : 'orchestrator'],
    env: {
      ...TIMES,
      SHARED_FILES: join(folder, 'files'),
      MUSTER_AGENT_TOKEN: 'chaos-chaos-chaos-chaos-chaos-chaos',
      LOG_LEVEL: 'info',
      ...settings,
    },
    logFile: join(folder, 'logs', `${name}.log`),
    onTrouble: (what) => troubles.push(what),
  });
}
