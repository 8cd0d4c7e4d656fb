// GET /logs: what agents said and did.
import { listLogsQuery, listLogsResponse } from '../../protocol/api.ts';
import { listLogs } from '../../store/logs.ts';
import type { App } from '../app.ts';
import { failures } from '../openapi.ts';
import type { Parts } from '../parts.ts';

export function addLogRoutes(app: App, { db }: Parts): void {
  app.get('/logs', { schema }, async ({ query }) => {
    const { rows, next_cursor } = await listLogs(db, query);
    return { logs: rows, next_cursor };
  });
}

const schema = {
  operationId: 'listLogs',
  summary: "The agents' log lines, newest first, in pages.",
  tags: ['logs'],
  querystring: listLogsQuery,
  response: { 200: listLogsResponse.describe('One page.'), ...failures('invalid_request') },
};
