// Many of Muster's agents in one process, where a process each would measure the memory of the machine: each has its own
// port, its own connections to Redis, its own entry in the registry and its own heartbeat, as `muster agent` has.
import { openBus } from '../../dist/boot/bus.js';
import { startMember } from '../../dist/boot/crew.js';
import { NO_MODEL } from '../../dist/boot/model.js';
import { systemClock } from '../../dist/clock.js';
import { readConfig } from '../../dist/config.js';
import { createLogger } from '../../dist/log.js';

const { CREW_FIRST = '1', CREW_COUNT = '1', ...environment } = process.env;
const config = readConfig(environment);
const logger = createLogger(config.LOG_LEVEL);
const stopping = new AbortController();

/** @param {number} nth */
async function startAgent(nth) {
  const { bus } = await openBus(config, { clock: systemClock, logger, signal: stopping.signal });
  const agent = await startMember(
    {
      config,
      bus,
      clock: systemClock,
      logger,
      model: NO_MODEL,
      workspace: { query: refuse, execute: refuse },
      orchestratorUrl: () => config.ORCHESTRATOR_URL ?? '',
    },
    { agent_id: `agent_${nth}`, capabilities: config.AGENT_CAPABILITIES ?? [], port: 0 },
  );
  return async () => {
    await agent.stop({ deadlineMs: 0 });
    await bus.close();
  };
}

/** @returns {Promise<never>} */
async function refuse() {
  throw new Error('simulated work uses no workspace');
}

const nths = Array.from({ length: Number(CREW_COUNT) }, (_, at) => Number(CREW_FIRST) + at);
const stops = await Promise.all(nths.map(startAgent));
process.once('SIGTERM', async () => {
  stopping.abort();
  await Promise.all(stops.map((stop) => stop()));
  process.exit(0);
});
console.log(`${nths.length} agents: the crew is up`);
