// Keys of the HTTP API: made, listed, revoked, and read as a whole by whoever judges requests. What a key looks like and how
// it is hashed is the orchestrator's; here are hashes only.
import type { Role } from '../domain/role.ts';
import type { Db, Sql } from './db.ts';
import { newId } from './ids.ts';

export interface NewApiKey {
  /** SHA-256 of the key, in hex. */
  hash: string;
  name: string;
  user_id: string;
  role: Role;
}

export interface ApiKey {
  id: string;
  name: string;
  user_id: string;
  role: Role;
  created_at: string;
  /** Within an hour; null: never. */
  last_used_at: string | null;
  revoked_at: string | null;
}

export type ValidApiKey = Pick<ApiKey, 'id' | 'user_id' | 'role' | 'last_used_at'> & Pick<NewApiKey, 'hash'>;

const COLUMNS = 'id, name, user_id, role, created_at, last_used_at, revoked_at';

export type InsertedApiKey = { outcome: 'created'; key: ApiKey } | { outcome: 'no_operator' };

/**
 * `no_operator`: nobody could make or revoke a key any more, since there is none with role operate. `othersOperate`: there
 * is one that is not stored here.
 */
export async function insertApiKey(
  db: Db,
  key: NewApiKey,
  { othersOperate }: { othersOperate: boolean },
): Promise<InsertedApiKey> {
  return db.transaction(async (tx) => {
    await lockKeys(tx);
    if (key.role !== 'operate' && !othersOperate && (await countOperators(tx)) === 0) return { outcome: 'no_operator' };
    const [created] = await tx.query<ApiKey>(
      `insert into api_keys (id, hash, name, user_id, role) values ($1, $2, $3, $4, $5) returning ${COLUMNS}`,
      [newId('key'), key.hash, key.name, key.user_id, key.role],
    );
    if (!created) throw new Error('a key was not stored');
    return { outcome: 'created', key: created };
  });
}

export type RevokedApiKey =
  | { outcome: 'revoked'; key: ApiKey }
  | { outcome: 'not_found' }
  /** It is the last one with role operate. */
  | { outcome: 'last_operator' };

/** A key that was revoked before stays as it is. */
export async function revokeApiKey(
  db: Db,
  id: string,
  { othersOperate }: { othersOperate: boolean },
): Promise<RevokedApiKey> {
  return db.transaction(async (tx) => {
    await lockKeys(tx);
    const [key] = await tx.query<ApiKey>(`select ${COLUMNS} from api_keys where id = $1`, [id]);
    if (!key) return { outcome: 'not_found' };
    if (key.revoked_at !== null) return { outcome: 'revoked', key };
    if (key.role === 'operate' && !othersOperate && (await countOperators(tx)) === 1)
      return { outcome: 'last_operator' };
    const [revoked = key] = await tx.query<ApiKey>(
      `update api_keys set revoked_at = now() where id = $1 returning ${COLUMNS}`,
      [id],
    );
    return { outcome: 'revoked', key: revoked };
  });
}

/** Two at once could each see the other's key as the one that remains. */
async function lockKeys(tx: Sql): Promise<void> {
  await tx.query('lock table api_keys in share row exclusive mode');
}

async function countOperators(tx: Sql): Promise<number> {
  const [row] = await tx.query<{ count: number }>(
    `select count(*)::int as count from api_keys where role = 'operate' and revoked_at is null`,
  );
  return row?.count ?? 0;
}

const LISTED_MAX = 1_000;

/** Newest first, revoked ones too; at most 1,000. */
export async function listApiKeys(db: Sql): Promise<ApiKey[]> {
  return db.query(`select ${COLUMNS} from api_keys order by created_at desc, id desc limit $1`, [LISTED_MAX]);
}

/** Every key that is not revoked. */
export async function listValidApiKeys(db: Sql): Promise<ValidApiKey[]> {
  return db.query('select id, hash, user_id, role, last_used_at from api_keys where revoked_at is null');
}

export async function touchApiKey(db: Sql, id: string): Promise<void> {
  await db.query(
    `update api_keys set last_used_at = now()
     where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 hour')`,
    [id],
  );
}
