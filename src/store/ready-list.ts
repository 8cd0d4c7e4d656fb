// The ready subtasks as the leader reads them: all of them while they are few, and else a part that is fair, so that a leader
// who knows only that part starves neither a set of capabilities nor a user. See docs/decisions/0020-ready-list.md.
import type { Capability } from '../domain/capability.ts';
import type { ReadySubtask } from '../domain/subtask.ts';
import { type Db, type Sql, toJson } from './db.ts';

/** A subtask that has been ready for this long counts as one priority higher, and so on: nothing starves. */
const AGING_SECONDS = 600;
/** Users of one set and one level that are read at a time. */
const USERS_MAX = 1_000;

const READY_COLUMNS = `s.id, s.task_id, s.user_id, s.required_capabilities, s.rank, s.ready_at,
  s.priority + greatest(0, floor(extract(epoch from now() - s.ready_at) / ${AGING_SECONDS}))::int as priority,
  greatest(0, ceil(extract(epoch from s.due_at - now()) * 1000))::int as due_in_ms`;

/** As the index subtasks_ready has it. */
const LEVEL = `(s.priority - floor(extract(epoch from s.ready_at at time zone 'UTC') / ${AGING_SECONDS})::int)`;
const NEEDS = 's.required_capabilities collate "C"';
const USER = 's.user_id collate "C"';
/** Below every level. */
const LOWEST = -2_147_483_648;

export interface ReadyQuery {
  /** Sets of capabilities that some agent has: what no agent could run is left out. */
  offered: readonly (readonly Capability[])[];
  /** Rows to read, more or less. */
  limit: number;
  /** Ids of tasks that are left out. */
  except?: readonly string[];
  /** Where the last reading ended: the next one goes on from there. */
  from?: ReadyCursor;
}

/** For each set of which a part was read, by its words: the user who was read last. */
export type ReadyCursor = ReadonlyMap<string, string>;

export interface ReadyList {
  /** In order of urgency: priority, then longest remaining path, then age. */
  rows: ReadySubtask[];
  /** The sets of which there are more than were read. */
  cut: Capability[][];
  cursor: ReadyCursor;
}

type FoundRow = ReadySubtask & { cut: boolean; reached: string | null };

/**
 * Each set of capabilities has an equal share of `limit`. What of it does not fit is cut at a level of urgency: those above
 * are read whole, those below not at all, and of the level itself equal parts for its users, going round from reading to
 * reading where there are too many users for one.
 */
export async function listReady(db: Db, { offered, limit, except = [], from }: ReadyQuery): Promise<ReadyList> {
  const params = [limit, toJson(offered), except, toJson(Object.fromEntries(from ?? []))];
  // On a connection for transitions: whatever the statistics say, the rows are walked to by the index.
  const found = await db.transaction((tx) => tx.last<FoundRow>(LIST_READY, params));
  const cut = new Map<string, Capability[]>();
  const cursor = new Map<string, string>();
  const rows = found.map(({ cut: isCut, reached, ...row }) => {
    const words = row.required_capabilities.join();
    if (isCut) cut.set(words, row.required_capabilities);
    if (reached !== null) cursor.set(words, reached);
    return row;
  });
  return { rows, cut: [...cut.values()], cursor };
}

// The words of a set are stored in one order (subtask-rows.ts), so a set of the queue is one set of the index.

/** A step from one distinct value to the next, each found by the index: as many look-ups as values, whatever the rows. */
const next = (column: string, where: string) =>
  `select ${column} from subtasks s where s.status = 'ready' and ${where} order by ${column} limit 1`;
const OF_LEVEL = `${NEEDS} = cut.needs and ${LEVEL} = cut.level`;

export const LIST_READY = `with recursive sets (needs) as (
     (${next(NEEDS, 'true')})
     union all
     select (${next(NEEDS, `${NEEDS} > sets.needs`)}) from sets where sets.needs is not null
   ), wanted as (
     select needs, ceil($1::numeric / count(*) over ())::int as share from sets
     where needs is not null and exists (
       select from jsonb_array_elements($2::jsonb) as offer
       where needs <@ array(select jsonb_array_elements_text(offer))
     )
   ), cut as (
     select wanted.*, (
       select ${LEVEL} from subtasks s
       where s.status = 'ready' and ${NEEDS} = wanted.needs and s.task_id <> all($3)
       order by ${LEVEL} desc offset wanted.share limit 1
     ) as level from wanted
   ), above as (
     select ready.*, cut.level is not null as cut, null as reached from cut cross join lateral (
       select ${READY_COLUMNS} from subtasks s
       where s.status = 'ready' and ${NEEDS} = cut.needs and ${LEVEL} > coalesce(cut.level, ${LOWEST})
         and s.task_id <> all($3)
       order by ${LEVEL} desc limit cut.share
     ) as ready
   ), part as (
     select cut.*, cut.share - (select count(*) from above where above.required_capabilities = cut.needs) as rest,
       coalesce($4::jsonb ->> array_to_string(cut.needs, ','), '') as start
     from cut where cut.level is not null
   ), at_level as (
     select ready.*, true as cut, whose.reached from part as cut cross join lateral (
       with recursive onward (id) as (
         (${next(USER, `${OF_LEVEL} and ${USER} > cut.start`)})
         union all
         select (${next(USER, `${OF_LEVEL} and ${USER} > onward.id`)}) from onward where onward.id is not null
       ), around (id) as (
         (${next(USER, `${OF_LEVEL} and ${USER} <= cut.start`)})
         union all
         select (${next(USER, `${OF_LEVEL} and ${USER} > around.id and ${USER} <= cut.start`)})
         from around where around.id is not null
       ), users as (
         select id, row_number() over () as nth from (
           select id from onward where id is not null
           union all
           select id from around where id is not null
           limit least(${USERS_MAX}, cut.rest)
         ) as found
       )
       select id, ceil(cut.rest::numeric / count(*) over ())::int as share, last_value(id) over () as reached from users
       order by nth
     ) as whose cross join lateral (
       select ${READY_COLUMNS} from subtasks s
       where s.status = 'ready' and ${OF_LEVEL} and ${USER} = whose.id and s.task_id <> all($3)
       order by s.rank desc, s.ready_at, s.id limit whose.share
     ) as ready
   )
   select * from above union all select * from at_level order by priority desc, rank desc, ready_at, id`;

/** Those of the named subtasks that are ready. */
export async function findReady(db: Sql, ids: readonly string[]): Promise<ReadySubtask[]> {
  return db.query(`select ${READY_COLUMNS} from subtasks s where s.id = any($1) and s.status = 'ready'`, [ids]);
}

/** The most urgent ready subtasks of these tasks. */
export async function findReadyOf(db: Sql, taskIds: readonly string[], limit: number): Promise<ReadySubtask[]> {
  return db.query(
    `select ${READY_COLUMNS} from subtasks s where s.task_id = any($1) and s.status = 'ready'
     order by s.priority desc, s.rank desc, s.ready_at, s.id limit $2`,
    [taskIds, limit],
  );
}
