// The thinnest honest join for queues that have no dependencies: a row for each step, counted down by the transaction that
// stores the output of a step before it. Which queue carries the steps that became ready is left to the engine.
import pg from 'pg';
import { dependentsOf } from './graphs.mjs';

/** @typedef {{ task: number, nth: number }} StepName */
/** @typedef {{ value: number, duration_ms: number, inputs: number[] }} StepRow */

/** @param {string} postgresUrl */
export function connectGlue(postgresUrl) {
  return new pg.Pool({ connectionString: postgresUrl, max: 20 });
}

/** @param {pg.Pool} pool */
export async function createGlue(pool) {
  await pool.query(`create table glue_steps (task int, nth int, value int not null, duration_ms int not null,
      dependencies int[] not null, dependents int[] not null, waiting_for int not null, output int, primary key (task, nth));
    create index glue_steps_open on glue_steps (task) where output is null`);
}

/**
 * Stores graphs as tasks from number `first` on. Returns the steps that are ready.
 * @param {pg.Pool} pool
 * @param {import('./graphs.mjs').Graph[]} graphs
 * @param {number} first
 * @returns {Promise<StepName[]>}
 */
export async function storeGraphs(pool, graphs, first) {
  const rows = graphs.flatMap((graph, at) => {
    const dependents = dependentsOf(graph);
    return graph.steps.map((step, nth) => ({
      task: first + at,
      nth,
      value: step.value,
      duration_ms: step.durationMs,
      dependencies: step.dependencies,
      dependents: dependents[nth],
      waiting_for: step.dependencies.length,
    }));
  });
  await pool.query(
    `insert into glue_steps (task, nth, value, duration_ms, dependencies, dependents, waiting_for)
     select task, nth, value, duration_ms, dependencies, dependents, waiting_for from jsonb_to_recordset($1::jsonb)
       as s (task int, nth int, value int, duration_ms int, dependencies int[], dependents int[], waiting_for int)`,
    [JSON.stringify(rows)],
  );
  return rows.filter((row) => row.waiting_for === 0).map(({ task, nth }) => ({ task, nth }));
}

/** With the outputs of the steps before it. @param {pg.Pool} pool @param {StepName} step @returns {Promise<StepRow>} */
export async function loadStep(pool, { task, nth }) {
  const { rows } = await pool.query({
    name: 'load',
    text: `select value, duration_ms, array(select source.output from glue_steps source
        where source.task = s.task and source.nth = any(s.dependencies) order by source.nth) as inputs
      from glue_steps s where task = $1 and nth = $2`,
    values: [task, nth],
  });
  return rows[0];
}

/**
 * Stores an output and, in the same transaction, enqueues the steps that waited for it alone.
 * @param {pg.Pool} pool
 * @param {StepName & { output: number }} done
 * @param {(client: pg.PoolClient, ready: StepName[]) => Promise<void>} enqueue
 * @returns {Promise<boolean>} whether something became ready
 */
export async function finishStep(pool, { task, nth, output }, enqueue) {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query({ name: 'finish', text: FINISH, values: [task, nth, output] });
    if (rows.length > 0) await enqueue(client, rows);
    await client.query('commit');
    return rows.length > 0;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

const FINISH = `with done as (
    update glue_steps set output = $3 where task = $1 and nth = $2 and output is null returning dependents),
  counted as (
    update glue_steps s set waiting_for = s.waiting_for - 1 from done
    where s.task = $1 and s.nth = any(done.dependents) returning s.task, s.nth, s.waiting_for)
  select task, nth from counted where waiting_for = 0`;

/** @param {pg.Pool} pool */
export async function allDone(pool) {
  const { rows } = await pool.query({
    name: 'done',
    text: 'select not exists (select from glue_steps where output is null) as done',
  });
  return /** @type {boolean} */ (rows[0].done);
}

/** @param {pg.Pool} pool @param {number} first @returns {Promise<number[][]>} */
export async function readOutputs(pool, first) {
  const { rows } = await pool.query(
    'select array_agg(output order by nth) as outputs from glue_steps where task >= $1 group by task order by task',
    [first],
  );
  return rows.map((row) => row.outputs);
}
