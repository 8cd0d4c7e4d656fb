// The half of the system that decides: API, planner, results and scheduler on one store and one bus. `muster up` and
// `muster orchestrator` both start it.
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { InUse } from '../orchestrator/parts.ts';
import { startOrchestrator } from '../orchestrator/start.ts';
import { createPlanner } from '../planner/planner.ts';
import { isLoopback } from '../protocol/agent-trust.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import type { ControlMetrics } from '../telemetry/control-metrics.ts';
import { refuseOpenApi } from './access.ts';
import type { Closers } from './closers.ts';
import { createModelClient, type ModelAccess } from './model.ts';
import type { OpenStore } from './store.ts';

export interface ControlParts {
  config: Config;
  store: OpenStore;
  bus: Bus;
  /** What the bus is, in words. */
  busWords: string;
  clock: Clock;
  logger: Logger;
  metrics: ControlMetrics;
  model: ModelAccess;
  /** What agents inside this process show. */
  ownAgentsToken?: string;
}

export interface Control {
  url: string;
  /** Begins to schedule, once the store is ready. */
  schedule(): Promise<void>;
}

/** Resolves when the API listens. */
export async function startControl(control: ControlParts, closers: Closers): Promise<Control> {
  const { store, model, busWords: _, ...parts } = control;
  const { config, logger } = parts;
  const { db } = store;
  // Before anybody can connect; on loopback nobody has to wait for the schema.
  const prepared = isLoopback(config.HOST) ? null : store.prepare();
  await prepared;
  await refuseOpenApi(config, db);
  const scheduler = new Scheduler({
    ...parts,
    db,
    attemptTimeoutMs: config.ATTEMPT_TIMEOUT_MS,
    heartbeatIntervalMs: config.HEARTBEAT_INTERVAL_MS,
    heartbeatTtlMs: config.HEARTBEAT_TTL_MS,
    agentToken: config.MUSTER_AGENT_TOKEN,
    recover: () => orchestrator.recover(),
  });
  parts.metrics.leadsWhile(() => scheduler.leads);
  const client = createModelClient(model);
  const planner = createPlanner({ client, model: config.CLAUDE_MODEL, clock: parts.clock, logger });
  const orchestrator = await startOrchestrator({
    ...parts,
    db,
    planner,
    inUse: inUseOf(control),
    leads: () => scheduler.isAlive,
  });
  closers.add(() => orchestrator.stop());
  const ready = prepared ?? store.prepare();
  // Awaited below; until then a failure is nobody's.
  ready.catch(() => undefined);
  return {
    url: orchestrator.url,
    async schedule() {
      await ready;
      await scheduler.start();
      closers.add(() => scheduler.stop());
    },
  };
}

function inUseOf({ config, store, busWords, model }: ControlParts): InUse {
  const name = model.kind === 'claude' ? config.CLAUDE_MODEL : 'offline model, rule-based';
  return {
    store: store.words,
    bus: busWords,
    model: { kind: model.kind, name },
    agent_runtime: config.AGENT_RUNTIME,
    slots_default: config.AGENT_SLOTS,
  };
}
