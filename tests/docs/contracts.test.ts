// The files of contracts/ say what the services say now.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { contractFiles } from '../../scripts/contracts.mjs';
import { AgentMetrics } from '../../src/agent/agent-metrics.ts';
import { buildAgentServer } from '../../src/agent/server.ts';
import { createLogger } from '../../src/log.ts';
import { buildOrchestrator } from '../../src/orchestrator/server.ts';
import { ControlMetrics } from '../../src/telemetry/control-metrics.ts';

it('are the documents that the services make of their routes', async () => {
  const files = await contractFiles({
    buildOrchestrator,
    buildAgentServer,
    createLogger,
    ControlMetrics,
    AgentMetrics,
  });
  expect(Object.keys(files)).toHaveLength(2);
  for (const [name, text] of Object.entries(files)) {
    const kept = readFileSync(new URL(`../../contracts/${name}`, import.meta.url), 'utf8');
    expect(kept, `contracts/${name} is stale: run "npm run generate"`).toBe(text);
  }
});
