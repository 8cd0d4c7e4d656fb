// Transitions of subtasks up to the moment they run: claimed for an agent, handed back. How the ready ones are found is in
// ready-list.ts, what happens when an attempt ends in attempts.ts.
import { type Amount, NOTHING } from '../domain/budget.ts';
import type { Capability } from '../domain/capability.ts';
import { SUBTASK_TRANSITIONS } from '../domain/transitions.ts';
import { type Db, type Sql, type Tx, toJson } from './db.ts';
import { appendEvents } from './events.ts';
import { guardLease, type Lease } from './leases.ts';
import { dropReservations, lockTasksOf, type Shares, shareOut, type WaitingTask } from './purses.ts';

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
  /** What it may use at most; 0 where its task has no such limit. */
  reserved_usd: number;
  reserved_turns: number;
  user_id: string;
  task_description: string;
  /** The span of its task's submit. */
  trace_parent: string | null;
  /** From ready to running. */
  waited_seconds: number;
  dependencies: { subtask_id: string; description: string; agent_id: string; output: Record<string, unknown> }[];
}

export interface ClaimOptions {
  /** The lease that the claimant must still hold. */
  lease: Lease;
  /** Milliseconds an attempt may take. */
  timeoutMs: number;
}

export type Claimed =
  | { outcome: 'claimed'; subtasks: ClaimedSubtask[]; waiting: WaitingTask[] }
  | { outcome: 'not_leader' };

/**
 * ready → running, for those of the claims that are still ready and due, and that the budget of their task has a share
 * for; most urgent first. Takes the next attempt number, and returns what an agent needs to run it, outputs of the
 * dependencies included.
 */
export async function claimSubtasks(db: Db, claims: readonly Claim[], options: ClaimOptions): Promise<Claimed> {
  return db.transaction(async (tx) => {
    const ids = claims.map((claim) => claim.subtask_id);
    const [leads, tasks] = await Promise.all([guardLease(tx, options.lease), lockTasksOf(tx, ids)]);
    if (!leads) return { outcome: 'not_leader' };
    const { shares, waiting } = await shareOut(tx, tasks, ids);
    const rows = await startAttempts(tx, withShares(claims, shares), options.timeoutMs);
    const held = new Map(tasks.map((task) => [task.id, task]));
    const subtasks = rows.map((row) => ({
      ...row,
      user_id: held.get(row.task_id)?.user_id ?? '',
      task_description: held.get(row.task_id)?.description ?? '',
      trace_parent: held.get(row.task_id)?.trace_parent ?? null,
    }));
    return { outcome: 'claimed', subtasks, waiting };
  });
}

type PaidClaim = Claim & Amount;

function withShares(claims: readonly Claim[], shares: Shares): PaidClaim[] {
  return claims.flatMap((claim) => {
    const share = shares.get(claim.subtask_id);
    return share === null ? [] : [{ ...claim, ...(share ?? NOTHING) }];
  });
}

type Started = Omit<ClaimedSubtask, 'user_id' | 'task_description' | 'trace_parent'>;

/** One statement: moves the subtasks, adds what they hold to their tasks, writes the events, and reads what agents need. */
async function startAttempts(tx: Tx, claims: readonly PaidClaim[], timeoutMs: number): Promise<Started[]> {
  const { from, to, event } = SUBTASK_TRANSITIONS.claim;
  return tx.last<Started>(START_ATTEMPTS, [toJson(claims), to, timeoutMs, from, event]);
}

// `offset 0` keeps the planner from joining in another order: with statistics of a time when there were few subtasks, it else
// reads all of them for each that is claimed. Results by their whole key, for the same reason.
const START_ATTEMPTS = `with started as (
     update subtasks s set status = $2, attempt = s.attempt + 1, agent_id = c.agent_id, agent_instance = c.agent_instance,
       reserved_usd = c.usd, reserved_turns = c.turns, due_at = null,
       deadline_at = now() + $3 * interval '1 millisecond', started_at = now(), updated_at = now()
     from jsonb_to_recordset($1::jsonb) as c (subtask_id text, agent_id text, agent_instance text, usd numeric, turns int)
     where s.id = c.subtask_id and s.status = any($4) and (s.due_at is null or s.due_at <= now())
     returning s.id, s.task_id, s.attempt, s.agent_id, s.description, s.required_capabilities, s.priority,
       s.estimated_duration, s.input_data, s.reserved_usd, s.reserved_turns,
       greatest(0, extract(epoch from s.started_at - s.ready_at))::float8 as waited_seconds
   ), counted as (
     select task_id, count(*)::int as events, sum(reserved_usd) as usd, sum(reserved_turns)::int as turns,
       (count(*) filter (where reserved_usd > 0 or reserved_turns > 0))::int as attempts
     from started group by task_id
   ), numbered as (
     update tasks t set last_event = t.last_event + counted.events, reserved_usd = t.reserved_usd + counted.usd,
       reserved_turns = t.reserved_turns + counted.turns, reservations = t.reservations + counted.attempts
     from counted where t.id = counted.task_id
     returning t.id, t.last_event - counted.events as base
   ), noted as (
     insert into events (task_id, seq, type, subtask_id, data)
     select started.task_id, numbered.base + row_number() over (partition by started.task_id order by started.id), $5,
       started.id, jsonb_build_object('agent_id', started.agent_id, 'attempt', started.attempt)
     from started join numbered on numbered.id = started.task_id
   )
   select started.*, coalesce((
     select jsonb_agg(jsonb_build_object('subtask_id', source.id, 'description', source.description,
       'agent_id', r.agent_id, 'output', r.output) order by source.position)
     from dependencies d
       cross join lateral (select * from subtasks where id = d.depends_on offset 0) as source
       cross join lateral (select * from subtask_results where subtask_id = source.id and attempt = source.attempt offset 0) as r
     where d.subtask_id = started.id
   ), '[]') as dependencies from started`;

export interface Release {
  subtask_id: string;
  attempt: number;
}

/**
 * running → ready, for attempts that no agent took up. The attempt number stays spent, since the agent may have heard of
 * it after all; no failure is counted, and what it held is given back. Returns the ids that are ready again.
 */
export async function releaseSubtasks(db: Db, releases: readonly Release[], delayMs: number): Promise<string[]> {
  return db.transaction(async (tx) => {
    await lockTasksOf(
      tx,
      releases.map((release) => release.subtask_id),
    );
    const { from, to, event } = SUBTASK_TRANSITIONS.release;
    const released = await tx.query<Released>(
      `update subtasks s set status = $2, agent_id = null, agent_instance = null, deadline_at = null, started_at = null,
         ready_at = now(), updated_at = now(), reserved_usd = 0, reserved_turns = 0,
         due_at = case when $4::int > 0 then now() + $4::int * interval '1 millisecond' end
       from jsonb_to_recordset($1::jsonb) as r (subtask_id text, attempt int) join subtasks held on held.id = r.subtask_id
       where s.id = r.subtask_id and s.attempt = r.attempt and s.status = any($3)
       returning s.id, s.task_id, s.attempt, held.reserved_usd as usd, held.reserved_turns as turns`,
      [toJson(releases), to, from, delayMs],
    );
    await dropReservations(
      tx,
      released.map(({ task_id, usd, turns }) => ({ task_id, held: { usd, turns } })),
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

type Released = { id: string; task_id: string; attempt: number } & Amount;

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
