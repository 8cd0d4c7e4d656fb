// GET /search: earlier results and files of a user, by words. It serves the agents' tool embedding_search.

import { searchQuery, searchResponse } from '../../protocol/api.ts';
import { failures } from '../../protocol/failures.ts';
import { searchDocuments } from '../../store/search.ts';
import type { App } from '../app.ts';
import type { Parts } from '../parts.ts';

export function addSearchRoutes(app: App, { db }: Parts): void {
  app.get('/search', { schema, config: { access: 'agent' } }, async ({ query }) => ({
    results: await searchDocuments(db, query),
  }));
}

const schema = {
  operationId: 'searchEarlierWork',
  summary: "Earlier results and files of a user's tasks that match the words, best first.",
  tags: ['search'],
  querystring: searchQuery,
  response: { 200: searchResponse.describe('What was found.'), ...failures('invalid_request') },
};
