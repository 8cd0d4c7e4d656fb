// How agents search earlier work: through the orchestrator's API, since they never touch its tables.
import type { Search } from '../agent/tools/ports.ts';
import { errorResponse } from '../protocol/agent-api.ts';
import { bearer } from '../protocol/agent-trust.ts';
import { searchResponse } from '../protocol/api.ts';

const ANSWER_MS = 10_000;

export function searchThrough(orchestratorUrl: () => string, token: string | undefined): Search {
  return async ({ userId, query, limit }) => {
    const url = new URL('/search', orchestratorUrl());
    url.search = new URLSearchParams({ user_id: userId, query, limit: String(limit) }).toString();
    const response = await fetch(url, { headers: bearer(token), signal: AbortSignal.timeout(ANSWER_MS) });
    const body: unknown = await response.json();
    if (!response.ok)
      throw new Error(errorResponse.safeParse(body).data?.detail ?? `search answered ${response.status}`);
    return searchResponse.parse(body).results;
  };
}
