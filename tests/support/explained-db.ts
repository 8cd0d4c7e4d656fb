// A database that explains every statement it is given: it runs it once under EXPLAIN ANALYZE, takes that back, and then
// runs it for its rows. So code under test shows what PostgreSQL does for it, without knowing.
import type { Db, Sql, Tx } from '../../src/store/db.ts';

export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Parent Relationship'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Shared Hit Blocks': number;
  'Shared Read Blocks': number;
  Plans?: PlanNode[];
}

export interface Explained {
  text: string;
  plan: PlanNode;
}

export function explaining(db: Db, seen: Explained[]): Db {
  return {
    ...db,
    close: () => db.close(),
    script: (text) => db.script(text),
    query: (text, params) => db.transaction((tx) => explained(tx, seen).query(text, params)),
    transaction: (work, options) => db.transaction((tx) => work(explained(tx, seen)), options),
  };
}

function explained(tx: Sql, seen: Explained[]): Tx {
  const query = async <R>(text: string, params?: readonly unknown[]) => {
    await tx.query('savepoint before_explain');
    const [row] = await tx.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `explain (analyze, buffers, timing off, format json) ${text}`,
      params,
    );
    await tx.query('rollback to savepoint before_explain');
    seen.push({ text, plan: row!['QUERY PLAN'][0].Plan });
    return tx.query<R>(text, params);
  };
  return { script: (text) => tx.script(text), query, last: query };
}

/** Every node of the plan, the root first. */
export function nodesOf(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

/** Rows that the node got from the nodes below it, in all its loops; not those of common table expressions. */
export function rowsInto(node: PlanNode): number {
  const inputs = (node.Plans ?? []).filter((child) => !/Plan$/.test(child['Parent Relationship'] ?? ''));
  return inputs.reduce((sum, child) => sum + child['Actual Rows'] * child['Actual Loops'], 0);
}

/** Blocks of 8 kB, from memory or disk, that the statement touched. */
export function blocksOf(plan: PlanNode): number {
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
}

/** Adds up the blocks that transactions touch, those of foreign keys and cascades included. */
export function metered(db: Db, add: (blocks: number) => void): Db {
  return {
    ...db,
    close: () => db.close(),
    script: (text) => db.script(text),
    query: (text, params) => metered(db, add).transaction((tx) => tx.query(text, params)),
    transaction: (work, options) =>
      db.transaction(async (tx) => {
        const before = await blocksTouched(tx);
        const result = await work(tx);
        add((await blocksTouched(tx)) - before);
        return result;
      }, options),
  };
}

async function blocksTouched(tx: Sql): Promise<number> {
  const [row] = await tx.query<{ blocks: number }>(
    `select sum(pg_stat_get_xact_blocks_fetched(oid)) as blocks from pg_class
     where relkind in ('r', 't', 'i') and oid >= 16384`,
  );
  return row?.blocks ?? 0;
}
