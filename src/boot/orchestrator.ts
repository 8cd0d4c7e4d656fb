// `muster orchestrator`: one replica of the deciding half, on real servers. Any number may run on one PostgreSQL and one
// Redis; one of them leads the scheduling.
import { mkdirSync } from 'node:fs';
import { systemClock } from '../clock.ts';
import { isLoopback } from '../protocol/agent-trust.ts';
import { ControlMetrics } from '../telemetry/control-metrics.ts';
import { openBus } from './bus.ts';
import { startControl } from './control.ts';
import { openChosenModel } from './model.ts';
import { required, runService, type Service, type Voice } from './service.ts';
import { openStore } from './store.ts';

interface Started {
  url: string;
  words: string;
}

const orchestrator: Service<Started> = {
  name: 'muster-orchestrator',
  async start({ config, logger, closers, signal, step }) {
    required('POSTGRES_URL', config.POSTGRES_URL, 'replicas share one PostgreSQL; `muster up` runs without a server');
    required('REDIS_URL', config.REDIS_URL, 'replicas and agents share one Redis; `muster up` runs without a server');
    if (!isLoopback(config.HOST) || Array.isArray(config.MUSTER_API_KEYS))
      required('MUSTER_AGENT_TOKEN', config.MUSTER_AGENT_TOKEN, 'agents show it; set the same one at all of them');
    const model = await openChosenModel(config);
    closers.add(() => model.close());
    mkdirSync(config.SHARED_FILES, { recursive: true });
    const metrics = new ControlMetrics();
    step('database and its schema');
    const store = await openStore(config, { logger, signal, onReconnect: () => metrics.reconnected('database') });
    closers.add(() => store.close());
    const surroundings = { clock: systemClock, logger, signal, onReconnect: () => metrics.reconnected('bus') };
    step('bus');
    const { bus, words } = await openBus(config, surroundings);
    closers.add(() => bus.close());
    const parts = { config, store, bus, busWords: words, clock: systemClock, logger, metrics, model };
    step('API');
    const control = await startControl(parts, closers);
    await control.schedule();
    return { url: control.url, words: `${store.words}, ${words}, ${model.kind} model` };
  },
  banner: (_config, { url, words }) => `Muster orchestrator is up at ${url} (${words}).`,
  facts: ({ url }) => ({ url }),
};

export function runOrchestrator(voice: Voice): Promise<void> {
  return runService(orchestrator, voice);
}
