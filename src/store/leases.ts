// Leases: who holds a role that only one process may have at a time. Time is the database's own.
import type { Db, Sql } from './db.ts';

export interface Lease {
  name: string;
  holder: string;
}

/** Takes the lease when it is free or has passed, or renews it when already held. False: someone else holds it. */
export async function holdLease(db: Sql, lease: Lease, ttlMs: number): Promise<boolean> {
  const rows = await db.query(
    `insert into leases (name, holder, expires_at) values ($1, $2, now() + $3 * interval '1 millisecond')
     on conflict (name) do update set holder = excluded.holder, expires_at = excluded.expires_at
     where leases.holder = excluded.holder or leases.expires_at <= now()
     returning name`,
    [lease.name, lease.holder, ttlMs],
  );
  return rows.length > 0;
}

/** Inside a transaction: true while `holder` still leads, and no other can take over before it ends. */
export async function guardLease(tx: Sql, lease: Lease): Promise<boolean> {
  const rows = await tx.query(
    'select name from leases where name = $1 and holder = $2 and expires_at > now() for share',
    [lease.name, lease.holder],
  );
  return rows.length > 0;
}

export async function releaseLease(db: Sql, lease: Lease): Promise<void> {
  await db.query('delete from leases where name = $1 and holder = $2', [lease.name, lease.holder]);
}

/**
 * Ends every lease, those on the planning of tasks from before `since` too. For a process that has had the database to itself
 * since then: whoever held one is dead, and waiting for it to pass would only keep everybody waiting.
 */
export async function endLeases(db: Db, since: Date): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query(
      `update tasks set planning_until = now() where status = 'pending' and planning_until > now() and created_at < $1`,
      [since.toISOString()],
    );
    await tx.query('delete from leases');
  });
}
