// The floor: the same transitions as Muster's (claimed, result stored, dependents counted down under a row lock, task closed,
// each with its event row), as bare SQL in batches of 50, with nothing around it: no API, no agents, no HTTP, one process.
import pg from 'pg';
import { countSteps } from '../graphs.mjs';
import { execute, now, takeSpans } from '../tally.mjs';

const BATCH = 50;
const LANES_MAX = 20;
/** Step ids are made of the number of their task and their place in it. */
const STEPS_MAX = 10_000;

/** @type {import('../engines.mjs').Engine} */
export const engine = {
  key: 'floor',
  title: 'bare SQL',
  package: '',
  settings: `batches of ${BATCH}, a connection for each ${BATCH} slots, all in one process; rows locked in the order of ids`,
  durability: 'PostgreSQL: fsync and synchronous_commit on',
  async open({ place, slots }) {
    const lanes = Math.min(LANES_MAX, Math.ceil(slots / BATCH));
    const pool = new pg.Pool({ connectionString: place.postgresUrl, max: lanes + 1 });
    await pool.query(SCHEMA);
    let submitted = 0;
    return {
      async run(graphs) {
        const first = submitted;
        submitted += graphs.length;
        const floor = new Floor(pool, countSteps(graphs));
        const startedAt = now();
        const working = Array.from({ length: lanes }, () => floor.work());
        for (let from = 0; from < graphs.length; from += BATCH)
          await floor.submit(graphs.slice(from, from + BATCH), first + from);
        await Promise.all(working);
        const ms = now() - startedAt;
        return { ms, outputs: await readOutputs(pool, first, graphs.length), spans: takeSpans() };
      },
      close: () => pool.end(),
    };
  },
};

const SCHEMA = `
create table tasks (id int primary key, status text not null, open_steps int not null);
create table steps (id bigint primary key, task_id int not null references tasks, status text not null, waiting_for int not null,
  value int not null, duration_ms int not null, attempt int not null default 0);
create index steps_ready on steps (id) where status = 'ready';
create table dependencies (step_id bigint not null references steps, depends_on bigint not null references steps,
  primary key (step_id, depends_on));
create index dependencies_by_source on dependencies (depends_on);
create table results (step_id bigint primary key references steps, output int not null);
create table events (id bigint generated always as identity primary key, task_id int not null, step_id bigint,
  type text not null, at timestamptz not null default now());`;

/** @typedef {{ id: string, task_id: number, value: number, duration_ms: number, inputs: number[] }} Claimed */

/** One run: lanes that claim, execute and finish batches until every step is done. */
class Floor {
  /** @param {pg.Pool} pool @param {number} steps */
  constructor(pool, steps) {
    this.pool = pool;
    this.left = steps;
    /** @type {(() => void)[]} */
    this.waiting = [];
  }

  /** @param {import('../graphs.mjs').Graph[]} graphs @param {number} firstId */
  async submit(graphs, firstId) {
    const rows = graphs.flatMap((graph, nth) => rowsOf(graph, firstId + nth));
    const edges = rows.flatMap((row) => row.sources.map((source) => ({ step_id: row.id, depends_on: source })));
    await this.transaction(async (client) => {
      const tasks = graphs.map((graph, nth) => ({ id: firstId + nth, open_steps: graph.steps.length }));
      await client.query(INSERT_TASKS, [JSON.stringify(tasks)]);
      await client.query(INSERT_STEPS, [JSON.stringify(rows)]);
      await client.query(INSERT_EDGES, [JSON.stringify(edges)]);
    });
    this.wake();
  }

  async work() {
    while (this.left > 0) {
      const { rows } = await this.pool.query({ name: 'claim', text: CLAIM, values: [BATCH] });
      if (rows.length > 0) await this.carryOut(rows);
      else if (this.left > 0) await new Promise((resolve) => this.waiting.push(() => resolve(undefined)));
    }
  }

  /** @param {Claimed[]} claimed */
  async carryOut(claimed) {
    const outputs = await Promise.all(
      claimed.map((step) => execute({ value: step.value, durationMs: step.duration_ms }, step.inputs)),
    );
    const done = claimed.map(({ id, task_id }, nth) => ({ id, task_id, output: outputs[nth] }));
    const ids = claimed.map((step) => step.id);
    await this.transaction(async (client) => {
      const named = (/** @type {string} */ name, /** @type {string} */ text, /** @type {unknown} */ value) =>
        client.query({ name, text, values: [value] });
      await named('lock', LOCK_TASKS, [...new Set(claimed.map((step) => step.task_id))]);
      await named('complete', COMPLETE, JSON.stringify(done));
      await named('unblock', UNBLOCK, ids);
      await named('close', CLOSE, JSON.stringify(done));
    });
    this.left -= claimed.length;
    this.wake();
  }

  wake() {
    for (const resume of this.waiting.splice(0)) resume();
  }

  /** @param {(client: pg.PoolClient) => Promise<void>} work */
  async transaction(work) {
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      await work(client);
      await client.query('commit');
    } finally {
      client.release();
    }
  }
}

const INSERT_TASKS = `with made as (
    insert into tasks (id, status, open_steps)
    select id, 'in_progress', open_steps from jsonb_to_recordset($1::jsonb) as t (id int, open_steps int) returning id)
  insert into events (task_id, type) select id, 'task.started' from made`;
const INSERT_STEPS = `insert into steps (id, task_id, status, waiting_for, value, duration_ms)
  select id, task_id, case when waiting_for = 0 then 'ready' else 'pending' end, waiting_for, value, duration_ms
  from jsonb_to_recordset($1::jsonb) as s (id bigint, task_id int, waiting_for int, value int, duration_ms int)`;
const INSERT_EDGES = `insert into dependencies (step_id, depends_on)
  select step_id, depends_on from jsonb_to_recordset($1::jsonb) as e (step_id bigint, depends_on bigint)`;
const CLAIM = `with claimed as (
    update steps set status = 'running', attempt = attempt + 1
    where id = any(array(select id from steps where status = 'ready' order by id limit $1 for update skip locked))
    returning id, task_id, value, duration_ms),
  noted as (insert into events (task_id, step_id, type) select task_id, id, 'step.claimed' from claimed)
  select *, array(select r.output from dependencies d join results r on r.step_id = d.depends_on
    where d.step_id = claimed.id order by d.depends_on) as inputs from claimed`;
const LOCK_TASKS = 'select id from tasks where id = any($1) order by id for update';
const COMPLETE = `with done as (select * from jsonb_to_recordset($1::jsonb) as d (id bigint, task_id int, output int)),
  stored as (insert into results (step_id, output) select id, output from done),
  noted as (insert into events (task_id, step_id, type) select task_id, id, 'step.completed' from done)
  update steps s set status = 'completed' from done where s.id = done.id and s.status = 'running'`;
const UNBLOCK = `with unblocked as (
    update steps s set waiting_for = s.waiting_for - d.done,
      status = case when s.waiting_for = d.done then 'ready' else s.status end
    from (select step_id, count(*)::int as done from dependencies where depends_on = any($1) group by step_id) as d
    where s.id = d.step_id returning s.id, s.task_id, s.status)
  insert into events (task_id, step_id, type) select task_id, id, 'step.ready' from unblocked where status = 'ready'`;
const CLOSE = `with closed as (
    update tasks t set open_steps = t.open_steps - d.closed,
      status = case when t.open_steps = d.closed then 'completed' else t.status end
    from (select task_id, count(*)::int as closed from jsonb_to_recordset($1::jsonb) as d (task_id int) group by task_id) as d
    where t.id = d.task_id returning t.id, t.status)
  insert into events (task_id, type) select id, 'task.completed' from closed where status = 'completed'`;

/** @param {import('../graphs.mjs').Graph} graph @param {number} taskId */
function rowsOf(graph, taskId) {
  const idOf = (/** @type {number} */ nth) => taskId * STEPS_MAX + nth;
  return graph.steps.map(({ value, durationMs, dependencies }, nth) => ({
    id: idOf(nth),
    task_id: taskId,
    value,
    duration_ms: durationMs,
    waiting_for: dependencies.length,
    sources: dependencies.map(idOf),
  }));
}

/** Of completed tasks only. @param {pg.Pool} pool @param {number} first @param {number} count */
async function readOutputs(pool, first, count) {
  const { rows } = await pool.query(
    `select t.id, array(select r.output from steps s join results r on r.step_id = s.id where s.task_id = t.id
       order by s.id) as outputs
     from tasks t where t.id >= $1 and t.id < $2 and t.status = 'completed' order by t.id`,
    [first, first + count],
  );
  return rows.map((row) => row.outputs);
}
