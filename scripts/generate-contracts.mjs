// Writes contracts/: what the running services say of themselves. Reads dist/, since Node 20 does not run TypeScript:
// build first.
import { mkdirSync, writeFileSync } from 'node:fs';
import { contractFiles } from './contracts.mjs';

const built = (/** @type {string} */ path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const { buildOrchestrator } = await built('orchestrator/server.js');
const { buildAgentServer } = await built('agent/server.js');
const { createLogger } = await built('log.js');
const { AgentMetrics } = await built('agent/agent-metrics.js');
const { ControlMetrics } = await built('telemetry/control-metrics.js');
const parts = { buildOrchestrator, buildAgentServer, createLogger, ControlMetrics, AgentMetrics };

const folder = new URL('../contracts/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(await contractFiles(parts))) {
  writeFileSync(new URL(name, folder), text);
  console.log(`contracts/${name}`);
}
