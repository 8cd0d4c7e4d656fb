// PostgreSQL and Redis: whether they answer, which they are, and whether they are set up as Muster needs them.

import { probeRedis, type RedisFacts } from '../../bus/redis-probe.ts';
import { migrationFiles } from '../../store/migrate.ts';
import { type PgFacts, probePg } from '../../store/pg-probe.ts';
import { withoutSecret } from '../without-secret.ts';
import { codeOf } from './ask.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

/** The oldest that Muster is tested with. */
const POSTGRES_MIN = 15;
const REDIS_MIN = 7;

/** Milliseconds by which another clock is ahead of this one. */
export type Skew = { of: string; ms: number };

export interface Examined {
  findings: Finding[];
  skews: Skew[];
}

export async function examinePg(url: string | undefined, ms: number): Promise<Examined> {
  if (!url) return { findings: [ok('PostgreSQL', 'embedded (POSTGRES_URL is not set)')], skews: [] };
  const where = withoutSecret(url);
  try {
    const facts = await probePg(url, ms);
    const skews = [{ of: 'PostgreSQL', ms: facts.clockMs - Date.now() }];
    return { findings: judgePg(where, facts, await migrationFiles()), skews };
  } catch (error) {
    return { findings: [judgePgFailure(where, codeOf(error))], skews: [] };
  }
}

export function judgePg(
  where: string,
  { version, migrations }: Omit<PgFacts, 'clockMs'>,
  files: readonly string[],
): Finding[] {
  const server = `PostgreSQL ${version} at ${where}`;
  const tooOld = Number.parseInt(version, 10) < POSTGRES_MIN;
  const first = tooOld
    ? warning('PostgreSQL', `${server} is older than Muster is tested with`, `use PostgreSQL ${POSTGRES_MIN} or newer`)
    : ok('PostgreSQL', server);
  return [first, judgeMigrations(migrations, files)];
}

function judgeMigrations(applied: readonly string[] | null, files: readonly string[]): Finding {
  const check = 'schema';
  if (applied === null) return ok(check, 'empty: the first start makes it');
  const unknown = applied.filter((name) => !files.includes(name));
  if (unknown.length > 0) {
    const message = `the database has ${unknown.join(', ')}, which this version does not know`;
    return wrong(check, message, 'it belongs to a newer Muster: upgrade this one');
  }
  const due = files.filter((name) => !applied.includes(name));
  if (due.length === 0) return ok(check, `up to date (${applied.length} migrations)`);
  const mend = 'start an orchestrator of this version (or muster up): it brings the schema up to date';
  return warning(check, `${due.length} migration(s) are due: ${due.join(', ')}`, mend);
}

export function judgePgFailure(where: string, code: string): Finding {
  const check = 'PostgreSQL';
  if (code === '3D000') return ok(check, `the database of ${where} does not exist: the first start makes it`);
  if (/^28/.test(code))
    return wrong(check, `${where} refuses these credentials`, 'correct user and password in POSTGRES_URL');
  return wrong(
    check,
    `${where} does not answer (${code})`,
    'start it, or correct POSTGRES_URL; without it the embedded one is used',
  );
}

export async function examineRedis(url: string | undefined, ms: number): Promise<Examined> {
  if (!url) return { findings: [ok('Redis', 'not used: the bus is in memory (REDIS_URL is not set)')], skews: [] };
  const where = withoutSecret(url);
  try {
    const facts = await probeRedis(url, ms);
    return { findings: judgeRedis(where, facts), skews: [{ of: 'Redis', ms: facts.clockMs - Date.now() }] };
  } catch (error) {
    const mend = 'start it, or correct REDIS_URL; without it the bus is in memory';
    return { findings: [wrong('Redis', `${where} does not answer (${reasonOf(error)})`, mend)], skews: [] };
  }
}

/** A server that refuses says why in words, such as WRONGPASS. */
function reasonOf(error: unknown): string {
  const code = codeOf(error);
  return error instanceof Error && code === error.message ? code.slice(0, 100) : code;
}

export function judgeRedis(where: string, { version, policy, appendOnly }: Omit<RedisFacts, 'clockMs'>): Finding[] {
  const server = `Redis ${version} at ${where}`;
  if (Number.parseInt(version, 10) < REDIS_MIN)
    return [warning('Redis', `${server} is older than Muster is tested with`, `use Redis ${REDIS_MIN} or newer`)];
  if (policy !== null && policy !== 'noeviction') {
    const message = `${server} throws away keys when its memory is full (maxmemory-policy ${policy})`;
    return [
      warning(
        'Redis',
        message,
        'set maxmemory-policy to noeviction: results that wait in it would be lost and their work repeated',
      ),
    ];
  }
  const kept =
    appendOnly === null
      ? ''
      : appendOnly
        ? ', append-only file on'
        : ', append-only file off: after its crash, work under way may be repeated';
  return [ok('Redis', `${server}${policy === null ? ', its settings cannot be read' : kept}`)];
}
