// Transitions of subtasks up to the moment they run: found ready, claimed for an agent, handed back. What happens when an
// attempt ends is in attempts.ts.
import type { Capability } from '../domain/capability.ts';
import { SUBTASK_TRANSITIONS } from '../domain/transitions.ts';
import { type Db, type Sql, toJson } from './db.ts';
import { appendEvents } from './events.ts';
import { guardLease, type Lease } from './leases.ts';

/** What the scheduler holds of a ready subtask. */
export interface ReadySubtask {
  id: string;
  task_id: string;
  required_capabilities: Capability[];
  priority: number;
  rank: number;
  ready_at: string;
  /** Milliseconds until it may be claimed, by the database's clock; 0 unless it backs off. */
  due_in_ms: number;
}

const READY_COLUMNS = `id, task_id, required_capabilities, priority, rank, ready_at,
  greatest(0, ceil(extract(epoch from due_at - now()) * 1000))::int as due_in_ms`;

/**
 * The most urgent ready subtasks that some agent with one of the `offered` sets could run: priority, then longest
 * remaining path, then age. Those that nobody can run are left out, so that they never crowd out the others.
 */
export async function listReady(
  db: Sql,
  { offered, limit }: { offered: readonly (readonly Capability[])[]; limit: number },
): Promise<ReadySubtask[]> {
  return db.query<ReadySubtask>(
    `select ${READY_COLUMNS} from subtasks
     where status = 'ready' and exists (
       select from jsonb_array_elements($2::jsonb) as offer
       where required_capabilities <@ array(select jsonb_array_elements_text(offer))
     )
     order by priority desc, rank desc, ready_at, id limit $1`,
    [limit, toJson(offered)],
  );
}

/** Those of the named subtasks that are ready. */
export async function findReady(db: Sql, ids: readonly string[]): Promise<ReadySubtask[]> {
  return db.query<ReadySubtask>(`select ${READY_COLUMNS} from subtasks where id = any($1) and status = 'ready'`, [ids]);
}

export interface Claim {
  subtask_id: string;
  agent_id: string;
  agent_instance: string;
}

export interface ClaimedSubtask {
  id: string;
  task_id: string;
  attempt: number;
  agent_id: string;
  description: string;
  required_capabilities: Capability[];
  priority: number;
  estimated_duration: number | null;
  input_data: Record<string, unknown>;
  user_id: string;
  task_description: string;
  dependencies: { subtask_id: string; description: string; agent_id: string; output: Record<string, unknown> }[];
}

export interface ClaimOptions {
  /** The lease that the claimant must still hold. */
  lease: Lease;
  /** Milliseconds an attempt may take. */
  timeoutMs: number;
}

export type Claimed = { outcome: 'claimed'; subtasks: ClaimedSubtask[] } | { outcome: 'not_leader' };

/**
 * ready → running, for those of the claims that are still ready and due. Takes the next attempt number, and returns what
 * an agent needs to run it, outputs of the dependencies included.
 */
export async function claimSubtasks(db: Db, claims: readonly Claim[], options: ClaimOptions): Promise<Claimed> {
  return db.transaction(async (tx) => {
    if (!(await guardLease(tx, options.lease))) return { outcome: 'not_leader' };
    await lockTasksOf(
      tx,
      claims.map((claim) => claim.subtask_id),
    );
    const { from, to, event } = SUBTASK_TRANSITIONS.claim;
    const claimed = await tx.query<{ id: string; task_id: string; attempt: number; agent_id: string }>(
      `update subtasks s set status = $2, attempt = s.attempt + 1, agent_id = c.agent_id, agent_instance = c.agent_instance,
         due_at = null, deadline_at = now() + $3 * interval '1 millisecond', started_at = now(), updated_at = now()
       from jsonb_to_recordset($1::jsonb) as c (subtask_id text, agent_id text, agent_instance text)
       where s.id = c.subtask_id and s.status = any($4) and (s.due_at is null or s.due_at <= now())
       returning s.id, s.task_id, s.attempt, s.agent_id`,
      [toJson(claims), to, options.timeoutMs, from],
    );
    await appendEvents(
      tx,
      claimed.map((row) => ({
        task_id: row.task_id,
        type: event,
        subtask_id: row.id,
        data: { agent_id: row.agent_id, attempt: row.attempt },
      })),
    );
    return {
      outcome: 'claimed',
      subtasks: await loadClaimed(
        tx,
        claimed.map((row) => row.id),
      ),
    };
  });
}

/**
 * Locks the tasks of these subtasks, in id order. Every transition of a subtask begins so. No key is ever changed, so that
 * rows which refer to a task (documents of the search) can be written meanwhile, in any order.
 */
export async function lockTasksOf(tx: Sql, subtaskIds: readonly string[]): Promise<void> {
  await tx.query(
    `select id from tasks where id in (select task_id from subtasks where id = any($1)) order by id for no key update`,
    [subtaskIds],
  );
}

async function loadClaimed(tx: Sql, ids: readonly string[]): Promise<ClaimedSubtask[]> {
  return tx.query<ClaimedSubtask>(
    `select s.id, s.task_id, s.attempt, s.agent_id, s.description, s.required_capabilities, s.priority,
       s.estimated_duration, s.input_data, t.user_id, t.description as task_description,
       coalesce((
         select jsonb_agg(
           jsonb_build_object('subtask_id', source.id, 'description', source.description, 'agent_id', r.agent_id, 'output', r.output)
           order by source.position)
         from dependencies d
         join subtasks source on source.id = d.depends_on
         join subtask_results r on r.subtask_id = source.id and r.status = 'completed'
         where d.subtask_id = s.id
       ), '[]') as dependencies
     from subtasks s join tasks t on t.id = s.task_id
     where s.id = any($1)`,
    [ids],
  );
}

export interface Release {
  subtask_id: string;
  attempt: number;
}

/**
 * running → ready, for attempts that no agent took up. The attempt number stays spent, since the agent may have heard of
 * it after all; no failure is counted. Returns the ids that are ready again.
 */
export async function releaseSubtasks(db: Db, releases: readonly Release[], delayMs: number): Promise<string[]> {
  return db.transaction(async (tx) => {
    await lockTasksOf(
      tx,
      releases.map((release) => release.subtask_id),
    );
    const { from, to, event } = SUBTASK_TRANSITIONS.release;
    const released = await tx.query<{ id: string; task_id: string; attempt: number }>(
      `update subtasks s set status = $2, agent_id = null, agent_instance = null, deadline_at = null, started_at = null,
         ready_at = now(), updated_at = now(),
         due_at = case when $4::int > 0 then now() + $4::int * interval '1 millisecond' end
       from jsonb_to_recordset($1::jsonb) as r (subtask_id text, attempt int)
       where s.id = r.subtask_id and s.attempt = r.attempt and s.status = any($3)
       returning s.id, s.task_id, s.attempt`,
      [toJson(releases), to, from, delayMs],
    );
    await appendEvents(
      tx,
      released.map((row) => ({
        task_id: row.task_id,
        type: event,
        subtask_id: row.id,
        data: { attempt: row.attempt },
      })),
    );
    return released.map((row) => row.id);
  });
}

/** A running attempt as the reaper sees it. */
export interface RunningSubtask {
  id: string;
  task_id: string;
  attempt: number;
  agent_id: string;
  agent_instance: string;
  /** By the database's clock. */
  running_ms: number;
  overdue_ms: number;
}

export async function listRunning(db: Sql): Promise<RunningSubtask[]> {
  return db.query<RunningSubtask>(
    `select id, task_id, attempt, agent_id, agent_instance,
       (extract(epoch from now() - started_at) * 1000)::float8 as running_ms,
       (extract(epoch from now() - deadline_at) * 1000)::float8 as overdue_ms
     from subtasks where status = 'running'`,
  );
}
