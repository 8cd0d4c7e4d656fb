// Routes that only agents call: with a shared token, only those who know it.
import { AppError } from '../domain/errors.ts';
import { isAuthorised } from '../protocol/agent-trust.ts';

export function agentOnly(token: string | undefined) {
  return async (request: { headers: { authorization?: string | undefined } }): Promise<void> => {
    if (isAuthorised(request.headers.authorization, token)) return;
    const mend = 'authorization must be "Bearer …" with the MUSTER_AGENT_TOKEN of this orchestrator';
    throw new AppError('unauthorized', mend, { field: 'authorization' });
  };
}
