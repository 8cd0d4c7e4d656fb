// The first lines a person sees: what is in use, where to click, what to type.
import { readFileSync } from 'node:fs';
import type { Config } from '../config.ts';
import type { AgentStatus } from '../domain/agent.ts';

export interface InUse {
  url: string;
  dashboardUrl: string;
  store: string;
  bus: string;
  model: 'claude' | 'offline';
  /** Whether requests need an API key. */
  asks: boolean;
  agents: readonly Pick<AgentStatus, 'agent_id' | 'url' | 'capabilities'>[];
}

export function banner(config: Config, muster: InUse): string {
  const agents = muster.agents.map(
    (agent) => `           ${agent.agent_id}  ${agent.url}  ${agent.capabilities.join(', ')}`,
  );
  return [
    `Muster ${version()} is up. Watch it at ${muster.dashboardUrl}`,
    '',
    `  store    ${muster.store}`,
    `  bus      ${muster.bus}`,
    `  model    ${modelLine(config, muster.model)}`,
    `  API      ${muster.url}  (reference: ${muster.url}/openapi.json)`,
    `  access   ${muster.asks ? 'with an API key (docs/security.md)' : 'without a key, from this machine only'}`,
    '  agents',
    ...agents,
    '',
    'Hand it a task:',
    `  curl -X POST ${muster.url}/tasks ${muster.asks ? '-H "authorization: Bearer $MUSTER_API_KEY" ' : ''}-H 'content-type: application/json' -d '{"description": "Calculate factorial of 10"}'`,
    '',
    'Ctrl-C stops everything.',
  ].join('\n');
}

function modelLine(config: Config, model: 'claude' | 'offline'): string {
  if (config.AGENT_RUNTIME === 'simulate') return `${model} plans; agents only simulate (AGENT_RUNTIME=simulate)`;
  return model === 'claude'
    ? `Claude (${config.CLAUDE_MODEL})${config.ANTHROPIC_BASE_URL ? ` at ${config.ANTHROPIC_BASE_URL}` : ''}`
    : 'offline model, rule-based (set ANTHROPIC_API_KEY for Claude)';
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
