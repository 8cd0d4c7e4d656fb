// POST /workspace/query and /workspace/execute: SQL on the schema that agents share. They serve the agents' tools
// database_query and database_execute, so that no agent needs an account at PostgreSQL.
import { failures } from '../../protocol/failures.ts';
import { workspaceExecuteResponse, workspaceQueryResponse, workspaceRequest } from '../../protocol/workspace-api.ts';
import { createWorkspace } from '../../store/workspace.ts';
import type { App } from '../app.ts';
import type { Parts } from '../parts.ts';

export function addWorkspaceRoutes(app: App, { db }: Parts): void {
  const workspace = createWorkspace(db);
  const config = { access: 'agent' } as const;

  app.post('/workspace/query', { schema: querySchema, config }, async ({ body }) => {
    const { rowCount, ...answer } = await workspace.query(body.sql);
    return { ...answer, row_count: rowCount };
  });

  app.post('/workspace/execute', { schema: executeSchema, config }, async ({ body }) => {
    const { command, rowCount } = await workspace.execute(body.sql);
    return { command, row_count: rowCount };
  });
}

const shared = { tags: ['workspace'], body: workspaceRequest };
const changing = workspaceRequest.extend({
  sql: workspaceRequest.shape.sql.meta({ example: 'create table if not exists towns (name text, people int)' }),
});
const refusals = failures('invalid_request', 'unavailable');

const querySchema = {
  ...shared,
  operationId: 'queryWorkspace',
  summary: 'Run one statement that only reads the workspace schema.',
  response: { 200: workspaceQueryResponse.describe('What it found, at most 1000 rows.'), ...refusals },
};

const executeSchema = {
  ...shared,
  body: changing,
  operationId: 'executeInWorkspace',
  summary: 'Run one statement that changes tables of the workspace schema, or rows in them.',
  response: { 200: workspaceExecuteResponse.describe('What it did.'), ...refusals },
};
