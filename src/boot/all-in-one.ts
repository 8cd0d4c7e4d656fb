// `muster up`: the whole system in one process. The list of what is started, in order; everything is stopped in reverse.
import { mkdirSync } from 'node:fs';
import type { RunningAgent } from '../agent/start-agent.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import { createWorkspace } from '../store/workspace.ts';
import { ControlMetrics } from '../telemetry/control-metrics.ts';
import { asksForKeys, newToken, withAgentToken } from './access.ts';
import { banner, type InUse } from './banner.ts';
import { openBus } from './bus.ts';
import { startControl } from './control.ts';
import { startCrew } from './crew.ts';
import { addDashboard } from './dashboard.ts';
import { openModel } from './model.ts';
import { type Running, runService, type Service, startService, type Voice } from './service.ts';
import { openStore } from './store.ts';

/** Attempts still running at Ctrl-C get this long to end; then they are handed back and run again after the next start. */
const STOP_DEADLINE_MS = 500;

const allInOne: Service<InUse> = {
  name: 'muster',
  async start({ config: settings, logger, closers, signal, step }) {
    const config = withAgentToken(settings);
    const ownAgentsToken = config.MUSTER_AGENT_TOKEN ?? newToken();
    mkdirSync(config.SHARED_FILES, { recursive: true });
    step('model');
    const model = await openModel(config);
    closers.add(() => model.close());
    const metrics = new ControlMetrics();
    step('database');
    const store = await openStore(config, { logger, signal, onReconnect: () => metrics.reconnected('database') });
    closers.add(() => store.close());
    const surroundings = { clock: systemClock, logger, signal, onReconnect: () => metrics.reconnected('bus') };
    step('bus');
    const { bus, words } = await openBus(config, surroundings);
    closers.add(() => bus.close());
    const parts = { config, bus, clock: systemClock, logger, model };
    step('API');
    const control = await startControl({ ...parts, metrics, store, busWords: words, ownAgentsToken }, closers);
    const dashboardUrl = await addDashboard({ config, logger, orchestratorUrl: control.url }, closers);
    const workspace = createWorkspace(store.db);
    step('agents');
    const crew = await startCrew({ ...parts, workspace, ownAgentsToken, orchestratorUrl: () => control.url });
    closers.add(() => stopAll(crew));
    step('database schema');
    await control.schedule();
    const agents = await bus.listAgents();
    const asks = await asksForKeys(config, store.db);
    return { url: control.url, dashboardUrl, store: store.words, bus: words, model: model.kind, agents, asks };
  },
  banner,
  facts: ({ url, dashboardUrl, store, bus, model, agents, asks }) => ({
    url,
    dashboard_url: dashboardUrl,
    store,
    bus,
    model,
    asks_for_key: asks,
    agents: agents.map(({ agent_id, url: address, capabilities }) => ({ agent_id, url: address, capabilities })),
  }),
};

export type RunningMuster = Running<InUse>;

/** Starts everything, or nothing: when a step fails, what was started before it is stopped again. */
export function startAllInOne(config: Config, logger: Logger): Promise<RunningMuster> {
  return startService(allInOne, { config, logger, signal: new AbortController().signal, step: () => undefined });
}

export function runAllInOne(voice: Voice): Promise<void> {
  return runService(allInOne, voice);
}

async function stopAll(crew: readonly RunningAgent[]): Promise<void> {
  await Promise.all(crew.map((agent) => agent.stop({ deadlineMs: STOP_DEADLINE_MS })));
}
