import { describe, expect, it } from 'vitest';
import { newPlace, startCommand } from './start-command.ts';

const offline = { kind: 'offline', name: 'offline model, rule-based' } as const;
const inUse = { bus: 'Redis at redis://data:6379/0', model: offline, agent_runtime: 'claude' } as const;
const place = { agent_id: 'agent_6', capabilities: ['data_analysis', 'web_scraping'] as const, port: 8_006 };
const settings = 'AGENT_ID=agent_6 AGENT_CAPABILITIES=data_analysis,web_scraping AGENT_PORT=8006 npx muster agent';

function command(changes: Partial<Parameters<typeof startCommand>[0]>) {
  return startCommand({ ...inUse, ...changes }, { ...place, capabilities: [...place.capabilities] });
}

describe('the command that starts an agent', () => {
  it('names the Redis that Muster uses, and a model', () => {
    expect(command({})).toBe(`REDIS_URL='redis://data:6379/0' MUSTER_MODEL=offline ${settings}`);
    expect(command({ model: { kind: 'claude', name: 'claude-x' } })).toContain(' ANTHROPIC_API_KEY=… AGENT_ID=');
    expect(command({ agent_runtime: 'simulate' })).toContain(' AGENT_RUNTIME=simulate AGENT_ID=');
  });

  it('keeps a password that is left out from being expanded by the shell', () => {
    expect(command({ bus: 'Redis at rediss://default:***@data:6379/0' })).toContain(
      "REDIS_URL='rediss://default:***@data:6379/0' ",
    );
  });

  it('does not exist while the bus is in memory', () => {
    expect(command({ bus: 'in memory' })).toBeNull();
  });
});

it('offers a name and a port that nobody has', () => {
  const agents = [
    { agent_id: 'agent_3', port: 8_003 },
    { agent_id: 'helper', port: 0 },
  ];
  expect(newPlace(['data_analysis'], agents)).toEqual({
    agent_id: 'agent_4',
    capabilities: ['data_analysis'],
    port: 8_004,
  });
  expect(newPlace(['api_integration'], [])).toMatchObject({ agent_id: 'agent_1', port: 8_001 });
});
