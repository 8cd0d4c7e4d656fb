// What must hold once every task has ended, asked of the database alone (and, for what must not pile up, of Redis).
import { DEFAULT_CREW } from '../../src/domain/agent.ts';
import type { Db } from '../../src/store/db.ts';
import { type Broken, type History, judge, type Member, readHistory, withoutKept } from '../support/judge.ts';
import { SLOTS } from './cluster.ts';
import type { RedisClient, RedisServer } from './servers.ts';
import { misinformed, type Watched } from './watchers.ts';
import type { Submitted } from './workload.ts';

/** Of what breaks one rule. */
const SHOWN_MAX = 10;

const CREW: Member[] = DEFAULT_CREW.map(({ agent_id, capabilities }) => ({ id: agent_id, capabilities, slots: SLOTS }));

export interface Clients {
  submitted: readonly Submitted[];
  watched: readonly Watched[];
}

export async function brokenRules(db: Db, { submitted, watched }: Clients): Promise<Broken> {
  // For the judge alone: the product never looks for the events of one subtask.
  await db.script('create index if not exists events_of_subtask on events (subtask_id); analyze;');
  const history = await readHistory(db);
  const broken = {
    ...(await judge(db, history, CREW)),
    ...withoutKept({
      'each submit is one task, with the plan it gave': lostOrChanged(history, submitted),
      'a watcher is told every event once, in order': misinformed(watched, history.eventsOf),
      ...(await brokenResults(db)),
    }),
  };
  return Object.fromEntries(Object.entries(broken).map(([rule, found]) => [rule, someOf(found)]));
}

function someOf(found: unknown[]): unknown[] {
  const left = found.length - SHOWN_MAX;
  return left > 0 ? [...found.slice(0, SHOWN_MAX), `and ${left} more`] : found;
}

function lostOrChanged({ tasks, subtasksOf }: History, submitted: readonly Submitted[]): string[] {
  const known = new Set(submitted.map((task) => task.id));
  const extra = tasks.filter((task) => !known.has(task.id)).map((task) => `${task.id} was answered to nobody`);
  const twice = submitted.length - known.size;
  const lost = submitted.flatMap(({ id, steps }) => {
    if (!tasks.some((task) => task.id === id)) return [`${id} is gone`];
    const stored = (subtasksOf.get(id) ?? []).map(({ input_data }) => input_data);
    return steps &&
      !sameJson(
        steps.map((step) => step.input_data),
        stored,
      )
      ? [`${id} has another plan`]
      : [];
  });
  return [...extra, ...lost, ...(twice > 0 ? [`${twice} submits share a task`] : [])];
}

/** jsonb keeps no order of keys. */
function sameJson(a: unknown, b: unknown): boolean {
  return sorted(a) === sorted(b);
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    part && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => a.localeCompare(b)))
      : part,
  );
}

const RESULT_RULES = {
  'a completed result is the answer to its own input': `
    select r.subtask_id, r.attempt from subtask_results r join subtasks s on s.id = r.subtask_id
    where r.status = 'completed' and r.output->'data'->'input' is distinct from s.input_data`,
  'what fails for good never completes, and what fails n times completes in a later attempt': `
    select r.subtask_id, r.attempt from subtask_results r join subtasks s on s.id = r.subtask_id
    where r.status = 'completed' and (jsonb_typeof(s.input_data->'fail') = 'string'
      or r.attempt <= (s.input_data->'fail'->>'times')::int)`,
  'a result comes from the agent that held the attempt': `
    select r.subtask_id, r.attempt, r.agent_id from subtask_results r
    where not exists (
      select from events e where e.subtask_id = r.subtask_id and e.type = 'subtask.claimed'
        and e.data->>'agent_id' = r.agent_id and (e.data->>'attempt')::int = r.attempt)`,
  'a completed task has a summary, and no result is missing': `
    select t.id from tasks t where t.status = 'completed' and (
      t.summary is null or exists (
        select from subtasks s where s.task_id = t.id and not exists (
          select from subtask_results r where r.subtask_id = s.id and r.status = 'completed')))`,
};

async function brokenResults(db: Db): Promise<Broken> {
  const broken: Broken = {};
  for (const [rule, query] of Object.entries(RESULT_RULES)) broken[rule] = await db.query(query);
  return broken;
}

const STREAMS = ['agent_results', 'agent_logs'];
/** Consumers that replaced dead ones may be remembered for a while, not for ever. */
const CONSUMERS_MAX = 200;

/** What is still stuck in Redis; empty when every message was handled and nothing grows without bound. */
export async function stuckInRedis(redis: RedisServer): Promise<string[]> {
  return redis.ask(async (client) => {
    const found = await Promise.all(STREAMS.map((stream) => stuckInStream(client, stream)));
    const agents = await client.sCard('active_agents');
    return [...found.flat(), ...(agents === DEFAULT_CREW.length ? [] : [`${agents} agents are registered`])];
  });
}

async function stuckInStream(client: RedisClient, stream: string): Promise<string[]> {
  const groups = (await client.exists(stream)) ? await client.xInfoGroups(stream) : [];
  return groups.flatMap(({ name, pending, lag, consumers }) => [
    ...(pending > 0 ? [`${stream}: ${pending} messages were handed to ${name} and never acknowledged`] : []),
    ...(lag ? [`${stream}: ${name} has not read ${lag} messages`] : []),
    ...(consumers > CONSUMERS_MAX ? [`${stream}: ${name} remembers ${consumers} consumers`] : []),
  ]);
}

/** For the person who reads the log of a run: that enough happened for it to mean something. */
export async function census(db: Db): Promise<Record<string, number>> {
  const rows = await db.query<{ name: string; count: number }>(
    `select 'tasks ' || status as name, count(*)::int as count from tasks group by status
     union all select 'subtasks ' || status, count(*)::int from subtasks group by status
     union all select type, count(*)::int from events where type not like 'task.%' group by type
     union all select 'results failed: ' || error_code, count(*)::int from subtask_results where status = 'failed' group by error_code
     order by name`,
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}
