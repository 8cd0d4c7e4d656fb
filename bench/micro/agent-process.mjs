// One agent of this build as a process of its own, on a bus in memory: what `muster agent` runs, without Redis. It tells its
// parent where it listens, and the end of each attempt. Arguments: the model's address, and whether sessions are kept warm.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const built = (/** @type {string} */ path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { AgentMetrics } = await built('agent/agent-metrics.js');
const { createClaudeRuntime } = await built('agent/claude-runtime.js');
const { startAgent } = await built('agent/start-agent.js');
const { createMemoryBus } = await built('bus/memory.js');
const { systemClock } = await built('clock.js');
const { readConfig } = await built('config.js');
const { createLogger } = await built('log.js');

const [modelUrl = '', warm] = process.argv.slice(2);
const config = readConfig({});
const bus = createMemoryBus(systemClock);
const nothing = async () => {
  throw new Error('not part of this measurement');
};
const agent = await startAgent({
  agentId: 'agent_1',
  capabilities: ['data_analysis', 'code_generation'],
  host: '127.0.0.1',
  port: 0,
  slots: 1,
  bus,
  clock: systemClock,
  logger: createLogger('silent'),
  metrics: new AgentMetrics(),
  runtime: createClaudeRuntime({
    model: config.CLAUDE_MODEL,
    permissionMode: config.SDK_PERMISSION_MODE,
    environment: process.env,
    credentials: { apiKey: 'offline', baseUrl: modelUrl },
    ports: {
      state: { get: nothing, set: nothing },
      workspace: { query: nothing, execute: nothing },
      search: nothing,
      httpAllow: [],
    },
    sharedFiles: await mkdtemp(join(tmpdir(), 'muster-bench-')),
    clock: systemClock,
    warmSessions: warm === 'warm',
    warmMax: config.AGENT_WARM_MAX,
    warmIdleMs: config.AGENT_WARM_IDLE_MS,
    priced: false,
  }),
  heartbeatIntervalMs: config.HEARTBEAT_INTERVAL_MS,
  heartbeatTtlMs: config.HEARTBEAT_TTL_MS,
  attemptTimeoutMs: 120_000,
  secrets: [],
});

const over = new AbortController();
const options = { group: 'bench', consumer: 'bench', batch: 1, signal: over.signal };
const consuming = bus.consume('agent_results', options, async (/** @type {object[]} */ [report]) => {
  process.send?.({ report });
});
process.send?.({ url: agent.url });
process.once('message', async () => {
  over.abort();
  await consuming;
  await agent.stop({ deadlineMs: 0 });
  await bus.close();
  process.disconnect();
});
