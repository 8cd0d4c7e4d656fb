// The search tool: earlier work of the same user. The index behind it is left to the Search port.
import { z } from 'zod';
import { defineTool } from './tool.ts';

const MAX_EXCERPT = 2000;

export const embeddingSearch = defineTool({
  name: 'embedding_search',
  description:
    'Finds earlier results and files of the same user that match a question, best first: the task, where it was found, a title, an excerpt and a score.',
  input: {
    query: z.string().trim().min(1).max(1000).describe('What to look for, in plain words'),
    limit: z.number().int().min(1).max(20).default(5).describe('Matches at most'),
  },
  async run({ search, userId }, { query, limit }) {
    const hits = await search({ userId, query, limit });
    return hits.slice(0, limit).map((hit) => ({ ...hit, excerpt: hit.excerpt.slice(0, MAX_EXCERPT) }));
  },
});
