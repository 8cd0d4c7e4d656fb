// The API keys that count now, by their hashes, in memory: judging a request costs one hash and no query. All valid keys are
// read at once, anew when the bus says that they changed, when an unknown key is shown (at most once a second), and
// otherwise every 30 s: that is how long a revoked key can live if its notice is lost, longer only while the database is away.
import { createHash, randomBytes } from 'node:crypto';
import { isLoopback } from '../protocol/agent-trust.ts';
import { listValidApiKeys, touchApiKey, type ValidApiKey } from '../store/api-keys.ts';
import type { Caller } from './caller.ts';
import { announce, listen } from './notices.ts';
import type { AccessSettings, Parts } from './parts.ts';

const KEEP_MS = 30_000;
const LOOK_AGAIN_MS = 1_000;
const TOUCH_MS = 3_600_000;

interface Entry {
  caller: Caller;
  revoke(): void;
  /** About when the row was told of its last use, in milliseconds; null: it has no row. */
  touchedAt: number | null;
}

export function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** 256 random bits, under a name by which scanners and redactors know it. */
export function newApiKey(): string {
  return `muster_${randomBytes(32).toString('base64url')}`;
}

export class KeyRing {
  private readonly parts: Pick<Parts, 'db' | 'bus' | 'clock' | 'logger'>;
  private readonly settings: Pick<AccessSettings, 'host' | 'apiKeys'>;
  private readonly given: ReadonlyMap<string, Entry>;
  private stored: ReadonlyMap<string, Entry> = new Map();
  private readAt = Number.NEGATIVE_INFINITY;
  private failedAt = Number.NEGATIVE_INFINITY;
  private changes = 0;
  private reading: Promise<void> | null = null;
  private listening: Promise<() => void> | null = null;
  private touching: Promise<unknown> = Promise.resolve();

  constructor(parts: KeyRing['parts'], settings: Pick<AccessSettings, 'host' | 'apiKeys'>) {
    this.parts = parts;
    this.settings = settings;
    const given = settings.apiKeys === 'off' ? [] : settings.apiKeys;
    this.given = new Map(
      given.map(({ key, ...who }, nth) => [hashOf(key), entryOf({ id: `given_${nth + 1}`, ...who })]),
    );
  }

  /** True when there is a key with role operate that no row knows of. */
  get isOperatorGiven(): boolean {
    return [...this.given.values()].some(({ caller }) => caller.role === 'operate');
  }

  /** Whether a request without a key is refused. */
  async asksForKeys(): Promise<boolean> {
    const { host, apiKeys } = this.settings;
    if (!isLoopback(host)) return true;
    if (apiKeys === 'off') return false;
    if (this.given.size > 0) return true;
    await this.refresh();
    return this.stored.size > 0;
  }

  /** Null: no such key, or it was revoked. */
  async find(key: string): Promise<Caller | null> {
    const hash = hashOf(key);
    const given = this.given.get(hash);
    if (given) return given.caller;
    await this.refresh();
    if (!this.stored.has(hash) && this.now() - this.readAt >= LOOK_AGAIN_MS) {
      this.outdate();
      await this.refresh();
    }
    const entry = this.stored.get(hash);
    if (entry) this.touch(entry);
    return entry?.caller ?? null;
  }

  /** A key was made or revoked here: all replicas read anew, this one before it resolves. */
  async changed(): Promise<void> {
    this.outdate();
    await this.refresh();
    await announce(this.parts, 'keys', {});
  }

  async close(): Promise<void> {
    const leave = await this.listening;
    leave?.();
    await Promise.all([this.touching, this.reading?.catch(() => undefined)]);
  }

  private outdate(): void {
    this.changes += 1;
    this.readAt = Number.NEGATIVE_INFINITY;
    this.failedAt = Number.NEGATIVE_INFINITY;
  }

  private async refresh(): Promise<void> {
    while (this.now() - this.readAt >= KEEP_MS && this.now() - this.failedAt >= LOOK_AGAIN_MS) {
      this.reading ??= this.read().finally(() => {
        this.reading = null;
      });
      await this.reading.catch((error: unknown) => this.goOnWithout(error));
    }
  }

  /** What was known and not reported changed goes on to count while the database is away: there, nobody can revoke either. */
  private goOnWithout(error: unknown): void {
    if (this.readAt === Number.NEGATIVE_INFINITY) throw error;
    this.failedAt = this.now();
    this.parts.logger.warn({ err: error }, 'the API keys could not be read anew; those that are known count');
  }

  private async read(): Promise<void> {
    // Listening starts before the first read, so that no change falls between the two.
    this.listening ??= listen(this.parts, 'keys', () => this.heard());
    await this.listening;
    const { changes } = this;
    const at = this.now();
    const rows = await listValidApiKeys(this.parts.db);
    const before = this.stored;
    this.stored = new Map(rows.map((row) => [row.hash, before.get(row.hash) ?? entryOf(row)]));
    for (const [hash, entry] of before) if (!this.stored.has(hash)) entry.revoke();
    // What changed meanwhile may not be in these rows.
    if (changes === this.changes) this.readAt = at;
  }

  /** At once, so that streams opened with a revoked key end. */
  private heard(): void {
    this.outdate();
    this.refresh().catch((error: unknown) =>
      this.parts.logger.warn({ err: error }, 'the API keys could not be read; they are read at the next request'),
    );
  }

  private touch(entry: Entry): void {
    const now = this.now();
    const { key_id } = entry.caller;
    if (key_id === null || entry.touchedAt === null || now - entry.touchedAt < TOUCH_MS) return;
    entry.touchedAt = now;
    this.touching = this.touching
      .then(() => touchApiKey(this.parts.db, key_id))
      .catch((error: unknown) => this.parts.logger.warn({ err: error }, 'the use of an API key could not be noted'));
  }

  private now(): number {
    return this.parts.clock.now().getTime();
  }
}

type KeyRow = Pick<ValidApiKey, 'id' | 'user_id' | 'role'> & Partial<Pick<ValidApiKey, 'last_used_at'>>;

function entryOf({ id, user_id, role, last_used_at }: KeyRow): Entry {
  const life = new AbortController();
  const touchedAt = last_used_at === undefined ? null : Date.parse(last_used_at ?? '1970-01-01T00:00:00Z');
  return { caller: { user_id, role, key_id: id, revoked: life.signal }, revoke: () => life.abort(), touchedAt };
}
