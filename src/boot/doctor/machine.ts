// This machine: Node, the ports that `muster up` takes, the folders that it writes to. What is found out and what is made
// of it are apart: the judge… functions are pure.
import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Config } from '../../config.ts';
import { DEFAULT_CREW } from '../../domain/agent.ts';
import { reachableHost } from '../reachable-host.ts';
import { ask } from './ask.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

/** `needed` as package.json says it, such as `>=20.19`. */
export function judgeNode(version: string, needed: string): Finding {
  const [major = 0, minor = 0] = numbersIn(version);
  const [leastMajor = 0, leastMinor = 0] = numbersIn(needed);
  const isEnough = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  if (isEnough) return ok('Node.js', version);
  return wrong('Node.js', `${version} is too old`, `install Node.js ${leastMajor}.${leastMinor} or newer`);
}

function numbersIn(text: string): number[] {
  return [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
}

export interface PortUse {
  setting: string;
  port: number;
  /** Who answers there: nobody, the part of Muster that belongs there (in words), or something else. */
  user: null | { muster: string } | 'other';
}

export async function findPortUses(config: Config, signal: AbortSignal): Promise<PortUse[]> {
  const places = [
    { setting: 'ORCHESTRATOR_PORT', port: config.ORCHESTRATOR_PORT, path: '/healthz', tell: tellOrchestrator },
    { setting: 'DASHBOARD_PORT', port: config.DASHBOARD_PORT, path: '/', tell: tellDashboard },
    ...DEFAULT_CREW.map((_, nth) => ({
      setting: 'AGENT_BASE_PORT',
      port: config.AGENT_BASE_PORT === 0 ? 0 : config.AGENT_BASE_PORT + nth,
      path: '/health',
      tell: tellAgent,
    })),
  ].filter(({ port }) => port > 0);
  return Promise.all(
    places.map(async ({ setting, port, path, tell }) => {
      const answer = await ask(`http://${reachableHost(config.HOST)}:${port}${path}`, signal);
      if (answer.outcome === 'refused') return { setting, port, user: null };
      const muster = answer.outcome === 'answered' ? tell(answer) : null;
      return { setting, port, user: muster === null ? 'other' : { muster } };
    }),
  );
}

interface Told {
  text: string;
  json: unknown;
}

const tellOrchestrator = ({ json }: Told) => (fieldOf(json, 'status') === 'ok' ? 'orchestrator' : null);
const tellDashboard = ({ text }: Told) => (/<title>[^<]*Muster/i.test(text) ? 'dashboard' : null);
const tellAgent = ({ json }: Told) => {
  const id = fieldOf(json, 'agent_id');
  return typeof id === 'string' ? id.slice(0, 64) : null;
};

function fieldOf(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null ? Reflect.get(json, name) : undefined;
}

/** Where the orchestrator is somewhere else, nothing need be started here: a taken port is then only worth a warning. */
export function judgePorts(uses: readonly PortUse[], { startsHere }: { startsHere: boolean }): Finding[] {
  const taken = startsHere ? wrong : warning;
  const conflicts = uses.flatMap(({ setting, port, user }) => {
    if (user !== 'other') return [];
    const mend = `stop what listens there, or set ${setting} to another port`;
    return [taken('ports', `${port} is taken by something that is not Muster`, mend)];
  });
  if (conflicts.length > 0) return conflicts;
  const free = uses.filter(({ user }) => user === null).map(({ port }) => port);
  const ours = uses.flatMap(({ port, user }) => (user && user !== 'other' ? [`${port} ${user.muster}`] : []));
  const words = [
    ...(ours.length > 0 ? [`answered by Muster: ${ours.join(', ')}`] : []),
    ...(free.length > 0 ? [`free: ${free.join(', ')}`] : []),
  ];
  return [ok('ports', words.join('; ') || 'any free ones are taken')];
}

export interface FolderUse {
  setting: string;
  folder: string;
  /** Null: it can be written to; else why not. */
  refusal: string | null;
  freeBytes: number;
}

/** A folder that is not there yet is judged by the one in which it will be made. */
export async function findFolderUse(setting: string, folder: string): Promise<FolderUse> {
  const existing = await nearestExisting(resolve(folder));
  const refusal = await access(existing, constants.W_OK | constants.X_OK).then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
  const { bavail, bsize } = await statfs(existing);
  return { setting, folder: resolve(folder), refusal, freeBytes: bavail * bsize };
}

async function nearestExisting(folder: string): Promise<string> {
  const isThere = await access(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  );
  return isThere || dirname(folder) === folder ? folder : nearestExisting(dirname(folder));
}

const MEGABYTE = 1_000_000;
const LOW_BYTES = 1_000 * MEGABYTE;
const EMPTY_BYTES = 100 * MEGABYTE;

export function judgeFolder({ setting, folder, refusal, freeBytes }: FolderUse): Finding {
  const check = setting === 'MUSTER_DATA' ? 'data folder' : 'files folder';
  if (refusal !== null) {
    const mend = `let this user write there, or set ${setting} to another folder`;
    return wrong(check, `${folder} cannot be written to (${refusal})`, mend);
  }
  const room = `${Math.floor(freeBytes / MEGABYTE).toLocaleString('en')} MB free`;
  const mend = `make room, or set ${setting} to a folder on another disk`;
  if (freeBytes < EMPTY_BYTES) return wrong(check, `${folder} has only ${room}`, mend);
  if (freeBytes < LOW_BYTES) return warning(check, `${folder} has only ${room}`, mend);
  return ok(check, `${folder}, ${room}`);
}
