// `muster doctor`: everything that Muster needs here, looked at side by side and within bounds. It changes nothing.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type Config, modelInUse, readConfig } from '../../config.ts';
import { AppError } from '../../domain/errors.ts';
import { withoutSecret } from '../without-secret.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';
import { findFolderUse, findPortUses, judgeFolder, judgeNode, judgePorts } from './machine.ts';
import { askForModel, findCredentials, judgeCredentials, judgeModel } from './model.ts';
import { examineRunning } from './running.ts';
import { type Examined, examinePg, examineRedis, type Skew } from './servers.ts';

export interface DoctorOptions {
  env: Readonly<Record<string, string | undefined>>;
  orchestrator: { url: string; isGiven: boolean; apiKey: string | undefined };
  /** Each look ends within this many milliseconds. Default 5,000. */
  lookMs?: number;
}

const LOOK_MS = 5_000;

const manifest = z.object({ version: z.string(), engines: z.object({ node: z.string() }) });

/** Never rejects because of what it finds. */
export async function examine({ env, orchestrator, lookMs = LOOK_MS }: DoctorOptions): Promise<Finding[]> {
  const { version, engines } = manifest.parse(
    JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')),
  );
  const node = judgeNode(process.version, engines.node);
  const config = readSettings(env);
  if (Array.isArray(config)) return [node, ...config];
  const look = (check: string, work: (signal: AbortSignal) => Promise<Finding[] | Examined>) =>
    within(check, lookMs, work);
  const looks = await Promise.all([
    look('ports', async (signal) =>
      judgePorts(await findPortUses(config, signal), { startsHere: !orchestrator.isGiven }),
    ),
    look('folders', async () => examineFolders(config)),
    look('PostgreSQL', () => examinePg(config.POSTGRES_URL, lookMs)),
    look('Redis', () => examineRedis(config.REDIS_URL, lookMs)),
    look('credentials', async () => [judgeCredentials(await findCredentials(config))]),
    look('model', async (signal) => [await examineModel(config, signal)]),
    look('orchestrator', (signal) => examineRunning({ ...orchestrator, version }, signal)),
  ]);
  const settings = ok('settings', 'all are known and allowed');
  return [
    node,
    settings,
    ...looks.flatMap(({ findings }) => findings),
    ...judgeClocks(looks.flatMap(({ skews }) => skews)),
  ];
}

/** Or what is wrong with them, when nothing else can be looked at. */
function readSettings(env: DoctorOptions['env']): Config | Finding[] {
  try {
    return readConfig(env);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.message
      .split('\n')
      .map((line) => wrong('settings', line, 'correct it, here or in .env: docs/configuration.md'));
  }
}

async function within(
  check: string,
  ms: number,
  work: (signal: AbortSignal) => Promise<Finding[] | Examined>,
): Promise<Examined> {
  const late = new AbortController();
  const over = new AbortController();
  const limit = delay(ms + SLACK_MS, undefined, { signal: over.signal }).then(
    () => [wrong(check, `no answer within ${ms} ms`, 'see whether it is overloaded, and try again')],
    () => [],
  );
  const cut = setTimeout(() => late.abort(), ms);
  try {
    const found = await Promise.race([work(late.signal), limit]);
    return Array.isArray(found) ? { findings: found, skews: [] } : found;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      findings: [wrong(check, `it could not be looked at: ${why}`, 'see above all whether the address is right')],
      skews: [],
    };
  } finally {
    clearTimeout(cut);
    over.abort();
  }
}

/** What is cut in time still has its own words. */
const SLACK_MS = 500;

async function examineFolders({ MUSTER_DATA, SHARED_FILES, POSTGRES_URL }: Config): Promise<Finding[]> {
  const folders = [
    ...(POSTGRES_URL ? [] : [['MUSTER_DATA', MUSTER_DATA] as const]),
    ['SHARED_FILES', SHARED_FILES] as const,
  ];
  return Promise.all(folders.map(async ([setting, folder]) => judgeFolder(await findFolderUse(setting, folder))));
}

const CLAUDE_API = 'https://api.anthropic.com';

async function examineModel(config: Config, signal: AbortSignal): Promise<Finding> {
  const kind = modelInUse(config);
  if (kind === 'offline' && !config.ANTHROPIC_BASE_URL)
    return ok('model', 'the offline model, which starts with Muster (set ANTHROPIC_API_KEY for Claude)');
  const where = withoutSecret(config.ANTHROPIC_BASE_URL ?? CLAUDE_API);
  return judgeModel({ kind, name: config.CLAUDE_MODEL, where }, await askForModel(config, signal));
}

/** Beyond this, heartbeats and leases of different machines begin to be misjudged by those who compare them. */
const SKEW_MAX_MS = 2_000;

export function judgeClocks(skews: readonly Skew[]): Finding[] {
  const far = skews.filter(({ ms }) => Math.abs(ms) > SKEW_MAX_MS);
  if (skews.length === 0) return [];
  if (far.length === 0)
    return [ok('clocks', `within ${SKEW_MAX_MS / 1_000} s of ${skews.map(({ of }) => of).join(', ')}`)];
  return far.map(({ of, ms }) => {
    const message = `the clock of ${of} is ${Math.round(Math.abs(ms) / 1_000)} s ${ms > 0 ? 'ahead of' : 'behind'} this machine's`;
    return warning('clocks', message, 'keep both in time, such as with NTP');
  });
}
