// Routes that only agents call: those that know the shared token, or are part of this very process.
import { isAuthorised } from '../protocol/agent-trust.ts';
import type { OrchestratorConfig } from './parts.ts';

export function isAgent(
  authorization: string | undefined,
  { agentToken, ownAgentsToken }: Pick<OrchestratorConfig, 'agentToken' | 'ownAgentsToken'>,
): boolean {
  return [agentToken, ownAgentsToken].some((token) => token !== undefined && isAuthorised(authorization, token));
}
