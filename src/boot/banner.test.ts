import { expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { banner } from './banner.ts';

const inUse = {
  url: 'http://127.0.0.1:8000',
  dashboardUrl: 'http://127.0.0.1:8501',
  store: 'PostgreSQL at postgresql://u:***@h/d',
  bus: 'in memory',
  model: 'offline' as const,
  asks: false,
  agents: [{ agent_id: 'agent_1', url: 'http://127.0.0.1:8001', capabilities: ['data_analysis' as const] }],
};

it('names store, bus, model, addresses and a command to try', () => {
  const text = banner(readConfig({}), inUse);
  for (const words of [
    inUse.store,
    'in memory',
    'offline model',
    inUse.url,
    inUse.dashboardUrl,
    'agent_1',
    'curl -X POST',
    'ANTHROPIC_API_KEY',
  ]) {
    expect(text).toContain(words);
  }
});

it('says whether a key is needed, and shows one in the command to try', () => {
  expect(banner(readConfig({}), inUse)).toContain('access   without a key, from this machine only');
  const text = banner(readConfig({}), { ...inUse, asks: true });
  expect(text).toContain('access   with an API key');
  expect(text).toContain('-H "authorization: Bearer $MUSTER_API_KEY"');
});

it('names the Claude model and its gateway, and says when agents only simulate', () => {
  const config = readConfig({ ANTHROPIC_BASE_URL: 'https://gateway.example', CLAUDE_MODEL: 'claude-x' });
  expect(banner(config, { ...inUse, model: 'claude' })).toContain('Claude (claude-x) at https://gateway.example');
  expect(banner(readConfig({ AGENT_RUNTIME: 'simulate' }), inUse)).toContain('agents only simulate');
});
