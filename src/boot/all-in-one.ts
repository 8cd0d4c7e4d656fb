// `muster up`: the whole system in one process. The list of what is started, in order; everything is stopped in reverse.
import { mkdirSync } from 'node:fs';
import type { RunningAgent } from '../agent/start-agent.ts';
import { systemClock } from '../clock.ts';
import { type Config, loadEnvFile, readConfig } from '../config.ts';
import { AppError } from '../domain/errors.ts';
import { createLogger, type Logger } from '../log.ts';
import { startOrchestrator } from '../orchestrator/start.ts';
import { createPlanner } from '../planner/planner.ts';
import { Scheduler, type SchedulerOptions } from '../scheduler/scheduler.ts';
import { migrate } from '../store/migrate.ts';
import { createWorkspace } from '../store/workspace.ts';
import { banner, type InUse } from './banner.ts';
import { openBus } from './bus.ts';
import { Closers } from './closers.ts';
import { startCrew } from './crew.ts';
import { createModelClient, openModel } from './model.ts';
import { openStore } from './store.ts';

/** Attempts still running at Ctrl-C get this long to end; then they are handed back and run again after the next start. */
const STOP_DEADLINE_MS = 500;

export interface RunningMuster extends InUse {
  stop(): Promise<void>;
}

/** Starts everything, or nothing: when a step fails, what was started before it is stopped again. */
export async function startAllInOne(config: Config, logger: Logger): Promise<RunningMuster> {
  const closers = new Closers();
  try {
    return await startParts(config, logger, closers);
  } catch (error) {
    await closers.closeAll();
    throw explainPort(error);
  }
}

/** What the command does: start, say so, run until told to stop. */
export async function runAllInOne(): Promise<void> {
  loadEnvFile();
  const config = readConfig(process.env);
  const stopRequested = new Promise<void>((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop());
  });
  const muster = await startAllInOne(config, createLogger(config.LOG_LEVEL));
  console.log(banner(config, muster));
  await stopRequested;
  console.log('Stopping; unfinished tasks go on at the next start.');
  await muster.stop();
}

async function startParts(config: Config, logger: Logger, closers: Closers): Promise<RunningMuster> {
  mkdirSync(config.SHARED_FILES, { recursive: true });
  const model = await openModel(config);
  closers.add(() => model.close());
  const store = await openStore(config, logger);
  closers.add(() => store.close());
  const { bus, words } = await openBus(config, { clock: systemClock, logger });
  closers.add(() => bus.close());
  const { db } = store;
  const parts = { config, db, bus, clock: systemClock, logger };
  const scheduler = createScheduler(parts, () => orchestrator.recover());
  const planner = createPlanner({ client: createModelClient(model), model: config.CLAUDE_MODEL, logger });
  const orchestrator = await startOrchestrator({ ...parts, planner, leads: () => scheduler.leads });
  closers.add(() => orchestrator.stop());
  // A new database takes seconds to create: the crew does not wait for it, and requests take their turn behind it.
  const migrated = migrate(db);
  const workspace = createWorkspace(db);
  const crew = await startCrew({ ...parts, model, workspace, orchestratorUrl: () => orchestrator.url });
  closers.add(() => stopAll(crew));
  await migrated;
  await scheduler.start();
  closers.add(() => scheduler.stop());
  const inUse = { url: orchestrator.url, store: store.words, bus: words, model: model.kind };
  return { ...inUse, agents: await bus.listAgents(), stop: () => closers.closeAll() };
}

type SchedulerParts = Pick<SchedulerOptions, 'db' | 'bus' | 'clock' | 'logger'> & { config: Config };

function createScheduler({ config, ...parts }: SchedulerParts, recover: () => Promise<void>): Scheduler {
  return new Scheduler({
    ...parts,
    attemptTimeoutMs: config.ATTEMPT_TIMEOUT_MS,
    heartbeatIntervalMs: config.HEARTBEAT_INTERVAL_MS,
    heartbeatTtlMs: config.HEARTBEAT_TTL_MS,
    recover,
  });
}

async function stopAll(crew: readonly RunningAgent[]): Promise<void> {
  await Promise.all(crew.map((agent) => agent.stop({ deadlineMs: STOP_DEADLINE_MS })));
}

/** A taken port is the commonest trouble at a start, and deserves more than EADDRINUSE. */
function explainPort(error: unknown): unknown {
  const { code, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  if (code !== 'EADDRINUSE') return error;
  const message = `port ${port} on ${address} is taken: stop what listens there, or set ORCHESTRATOR_PORT or AGENT_BASE_PORT`;
  return new AppError('unavailable', message, { cause: error });
}
