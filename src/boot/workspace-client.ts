// How agents reach the workspace database: through the orchestrator's API, since they hold no credentials of PostgreSQL.
import { z } from 'zod';
import type { Workspace } from '../agent/tools/ports.ts';
import { errorResponse } from '../protocol/agent-api.ts';
import { bearer } from '../protocol/agent-trust.ts';

const ANSWER_MS = 45_000;

const queryAnswer = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.record(z.string(), z.unknown())),
  rowCount: z.int(),
  truncated: z.boolean(),
});
const executeAnswer = z.object({ command: z.string(), rowCount: z.int() });

export function workspaceThrough(orchestratorUrl: () => string, token: string | undefined): Workspace {
  const post = async (path: string, sql: string): Promise<unknown> => {
    const response = await fetch(new URL(path, orchestratorUrl()), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(token) },
      body: JSON.stringify({ sql }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const body: unknown = await response.json();
    if (response.ok) return body;
    throw new Error(errorResponse.safeParse(body).data?.detail ?? `the workspace answered ${response.status}`);
  };
  return {
    query: async (sql) => queryAnswer.parse(await post('/workspace/query', sql)),
    execute: async (sql) => executeAnswer.parse(await post('/workspace/execute', sql)),
  };
}
