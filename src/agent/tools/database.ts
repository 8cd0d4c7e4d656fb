// The database tools: SQL on the schema that all agents share. What SQL may do is decided behind the Workspace port.
import { z } from 'zod';
import { defineTool } from './tool.ts';

/** Room for the rest of the answer below its cap of 100,000 characters. */
const MAX_ROWS_CHARS = 90_000;

const sql = z.string().min(1).max(20_000);

export const databaseQuery = defineTool({
  name: 'database_query',
  description:
    "Runs one read-only PostgreSQL statement (select, values, with, explain) on the tables of the workspace schema; 1000 rows at most. To see what exists: select table_name, column_name, data_type from information_schema.columns where table_schema = 'workspace'.",
  input: { sql: sql.describe('One statement, such as select city, avg(temp) from weather group by city') },
  async run({ workspace }, { sql }) {
    const found = await workspace.query(sql);
    const rows = fitting(found.rows);
    return {
      columns: found.columns,
      rows,
      row_count: rows.length,
      truncated: found.truncated || rows.length < found.rows.length,
    };
  },
});

function fitting(rows: Record<string, unknown>[]): Record<string, unknown>[] {
  let room = MAX_ROWS_CHARS;
  const overflow = rows.findIndex((row) => {
    room -= JSON.stringify(row).length + 1;
    return room < 0;
  });
  return overflow < 0 ? rows : rows.slice(0, overflow);
}

export const databaseExecute = defineTool({
  name: 'database_execute',
  description:
    'Runs one PostgreSQL statement that changes the workspace schema or its rows: create, alter or drop table, index or view; create table as; insert, update, delete, merge, truncate, comment. Agents share the schema: choose distinct table names.',
  input: { sql: sql.describe("One statement, such as insert into weather (city, temp) values ('Berlin', 21)") },
  async run({ workspace }, { sql }) {
    const done = await workspace.execute(sql);
    return { command: done.command, row_count: done.rowCount };
  },
});
