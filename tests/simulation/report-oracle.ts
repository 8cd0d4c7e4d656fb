// Says independently of the store which reports count: those of an attempt that runs, once each. Looks before and after, in
// the store's own transaction.
import type { AttemptReport } from '../../src/domain/attempt.ts';
import type { FinishedBatch } from '../../src/store/attempts.ts';
import type { Db, Sql } from '../../src/store/db.ts';

/** A database that checks the transaction in which these reports are finished. */
export function watchReports(db: Db, reports: readonly AttemptReport[], onViolation: (what: string) => void): Db {
  return {
    ...db,
    transaction: (work, options) =>
      db.transaction(async (tx) => {
        const expected = await expectedOf(tx, reports);
        const before = await fingerprint(tx);
        const result = await work(tx);
        const { accepted } = result as FinishedBatch;
        const counted = accepted.map(nameOf).sort();
        if (counted.join() !== expected.join())
          onViolation(`of the reports ${reports.map(nameOf)} [${expected}] were current, but [${counted}] counted`);
        if (expected.length === 0 && (await fingerprint(tx)) !== before)
          onViolation(`superseded reports changed something: ${reports.map(nameOf)}`);
        return result;
      }, options),
  };
}

async function expectedOf(tx: Sql, reports: readonly AttemptReport[]): Promise<string[]> {
  const rows = await tx.query<{ id: string; attempt: number }>(
    "select id, attempt from subtasks where status = 'running'",
  );
  const running = new Set(rows.map((row) => `${row.id}:${row.attempt}`));
  return [...new Set(reports.map(nameOf))].filter((name) => running.has(name)).sort();
}

async function fingerprint(tx: Sql): Promise<string> {
  const [row] = await tx.query<{ all: string }>(
    `select md5(concat(
       (select string_agg(t::text, '' order by id) from tasks t),
       (select string_agg(s::text, '' order by id) from subtasks s),
       (select count(*) from events), (select count(*) from subtask_results))) as all`,
  );
  return row?.all ?? '';
}

function nameOf({ subtask_id, attempt }: Pick<AttemptReport, 'subtask_id' | 'attempt'>): string {
  return `${subtask_id}:${attempt}`;
}
