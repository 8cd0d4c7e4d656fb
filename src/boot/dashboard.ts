// `muster dashboard`: the web app as a process of its own, in front of the orchestrator that ORCHESTRATOR_URL names.
import type { Config } from '../config.ts';
import { startDashboard } from '../dashboard/server.ts';
import type { Logger } from '../log.ts';
import type { Closers } from './closers.ts';
import { runService, type Service, type Voice } from './service.ts';

interface Started {
  url: string;
  orchestratorUrl: string;
}

const dashboard: Service<Started> = {
  name: 'muster-dashboard',
  async start({ config, logger, closers }) {
    const orchestratorUrl = config.ORCHESTRATOR_URL ?? `http://${config.HOST}:${config.ORCHESTRATOR_PORT}`;
    const url = await addDashboard({ config, logger, orchestratorUrl }, closers);
    return { url, orchestratorUrl };
  },
  banner: (_config, { url, orchestratorUrl }) => `Muster dashboard is up at ${url} (orchestrator: ${orchestratorUrl}).`,
  facts: ({ url, orchestratorUrl }) => ({ url, orchestrator_url: orchestratorUrl }),
};

export function runDashboard(voice: Voice): Promise<void> {
  return runService(dashboard, voice);
}

interface DashboardParts {
  config: Config;
  logger: Logger;
  orchestratorUrl: string;
}

/** Starts it for `muster up` too. Returns where to click. */
export async function addDashboard({ config, logger, orchestratorUrl }: DashboardParts, closers: Closers) {
  const running = await startDashboard({ host: config.HOST, port: config.DASHBOARD_PORT, orchestratorUrl, logger });
  closers.add(() => running.stop());
  return running.url;
}
