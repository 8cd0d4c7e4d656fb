// How agents reach the workspace database: through the orchestrator's API, since they hold no credentials of PostgreSQL.
import type { Workspace } from '../agent/tools/ports.ts';
import { errorResponse } from '../protocol/agent-api.ts';
import { bearer } from '../protocol/agent-trust.ts';
import { workspaceExecuteResponse, workspaceQueryResponse } from '../protocol/workspace-api.ts';

/** A statement may run for 30 s, after others of its kind. */
const ANSWER_MS = 60_000;

export function workspaceThrough(orchestratorUrl: () => string, token: string | undefined): Workspace {
  const post = async (path: string, sql: string): Promise<unknown> => {
    const response = await fetch(new URL(path, orchestratorUrl()), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(token) },
      body: JSON.stringify({ sql }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const body: unknown = await response.json().catch(() => null);
    if (response.ok) return body;
    throw new Error(errorResponse.safeParse(body).data?.detail ?? `the workspace answered ${response.status}`);
  };
  return {
    async query(sql) {
      const { row_count, ...answer } = workspaceQueryResponse.parse(await post('/workspace/query', sql));
      return { ...answer, rowCount: row_count };
    },
    async execute(sql) {
      const { command, row_count } = workspaceExecuteResponse.parse(await post('/workspace/execute', sql));
      return { command, rowCount: row_count };
    },
  };
}
