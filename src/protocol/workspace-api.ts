// How agents reach the workspace database: SQL goes to the orchestrator, which alone holds credentials of PostgreSQL.
import { z } from 'zod';

export const SQL_MAX = 20_000;

export const workspaceRequest = z.object({
  /** One PostgreSQL statement. */
  sql: z
    .string()
    .min(1, 'must not be empty')
    .max(SQL_MAX, `must be at most ${SQL_MAX} characters`)
    .meta({ example: 'select 1 as one' }),
});

export const workspaceQueryResponse = z.object({
  /** In the order of the select list; a name that occurs twice is there once. */
  columns: z.array(z.string()),
  rows: z.array(z.record(z.string(), z.unknown())),
  row_count: z.int().nonnegative(),
  /** There are more rows than were fetched. */
  truncated: z.boolean(),
});

export const workspaceExecuteResponse = z.object({
  /** What was done, such as INSERT or CREATE TABLE. */
  command: z.string(),
  /** Rows that an insert, update, delete, merge or create table as wrote; 0 for other commands. */
  row_count: z.int().nonnegative(),
});
