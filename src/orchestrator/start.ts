// One running orchestrator: the HTTP service, the intakes of results and logs, and the recovery of what a dead process
// left half done.
import type { Config } from '../config.ts';
import type { KeepDays } from '../store/retention.ts';
import { listUnsummarised } from '../store/tasks.ts';
import { claimGiven, claimUnplanned } from '../store/unplanned-tasks.ts';
import { BackgroundPlanning } from './background-planning.ts';
import { createLogsIntake } from './logs-intake.ts';
import type { OrchestratorDeps } from './parts.ts';
import type { PlanningParts } from './planning.ts';
import { openPlanningRoom } from './planning-room.ts';
import { pruneByAge } from './pruning.ts';
import { ResultProcessor } from './results.ts';
import { buildOrchestrator } from './server.ts';

/** A task that is being planned is taken over when its planner has been silent for this long. */
const PLANNING_MS = 10_000;
/** Tasks without a planner that a sweep takes up at most, of those that come with their plan and of the others. */
const UNPLANNED_MAX = 200;
/** A finished task without a summary is taken up by the sweep after this long. */
const UNSUMMARISED_MS = 10_000;

type Setting =
  | 'HOST'
  | 'ORCHESTRATOR_PORT'
  | 'SHARED_FILES'
  | 'PLANNING_CONCURRENCY'
  | 'BODY_LIMIT_BYTES'
  | 'MUSTER_AGENT_TOKEN'
  | 'MUSTER_API_KEYS'
  | 'RATE_LIMIT'
  | 'TASKS_KEEP_DAYS'
  | 'EVENTS_KEEP_DAYS'
  | 'LOGS_KEEP_DAYS';

export interface StartOptions extends Omit<OrchestratorDeps, 'config' | 'isSchedulerAlive'> {
  config: Pick<Config, Setting>;
  /** What agents inside this process show. */
  ownAgentsToken?: string | undefined;
  /** True while some process is known to lead the scheduling. */
  leads: () => boolean;
}

export interface RunningOrchestrator {
  /** Where it listens, such as `http://127.0.0.1:8000`. */
  url: string;
  /** Plans pending tasks and summarises finished ones that nobody works on, and forgets what is too old. */
  recover(): Promise<void>;
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

/** Rejects with EADDRINUSE when the port is taken. */
export async function startOrchestrator({
  leads,
  ownAgentsToken,
  ...options
}: StartOptions): Promise<RunningOrchestrator> {
  const { HOST, ORCHESTRATOR_PORT, SHARED_FILES, BODY_LIMIT_BYTES } = options.config;
  const config = {
    sharedFiles: SHARED_FILES,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    planningMs: PLANNING_MS,
    planningSlots: options.config.PLANNING_CONCURRENCY,
    agentToken: options.config.MUSTER_AGENT_TOKEN,
    ownAgentsToken,
    access: { host: HOST, apiKeys: options.config.MUSTER_API_KEYS ?? [], rateLimit: options.config.RATE_LIMIT },
  };
  const stopping = new AbortController();
  const planning = openPlanningRoom({ ...options, config });
  const parts = { ...options, config, planning, stopping: stopping.signal };
  const app = await buildOrchestrator({ ...parts, isSchedulerAlive: leads }, planning);
  const url = await app.listen({ host: HOST, port: ORCHESTRATOR_PORT });
  const results = new ResultProcessor(parts);
  const logs = createLogsIntake(parts);
  const keep = {
    tasks: options.config.TASKS_KEEP_DAYS,
    events: options.config.EVENTS_KEEP_DAYS,
    logs: options.config.LOGS_KEEP_DAYS,
  };
  const recovery = new Recovery({ ...parts, keep }, results);
  results.start();
  logs.start();
  return {
    url,
    recover: () => recovery.run(),
    async stop() {
      stopping.abort();
      await app.close();
      await Promise.all([results.stop(), logs.stop(), recovery.settled()]);
    },
  };
}

class Recovery {
  private readonly parts: PlanningParts & { keep: KeepDays };
  private readonly results: ResultProcessor;
  private readonly planning: BackgroundPlanning;

  constructor(parts: PlanningParts & { keep: KeepDays }, results: ResultProcessor) {
    this.parts = parts;
    this.results = results;
    this.planning = new BackgroundPlanning(parts);
  }

  async run(): Promise<void> {
    if (this.parts.stopping.aborted) return;
    for (const taskId of await listUnsummarised(this.parts.db, UNSUMMARISED_MS)) this.results.summarise(taskId);
    await this.planUnplanned();
    await pruneByAge(this.parts, this.parts.keep);
  }

  /** Those that come with their plan need no place, and wait for no other. */
  private async planUnplanned(): Promise<void> {
    const { db, config, planning } = this.parts;
    for (const task of await claimGiven(db, config.planningMs, UNPLANNED_MAX)) this.planning.start(task);
    const limit = Math.min(this.planning.room, UNPLANNED_MAX);
    if (limit === 0) return;
    const claims = { limit, except: planning.leases.taskIds };
    for (const task of await claimUnplanned(db, config.planningMs, claims)) this.planning.start(task);
  }

  async settled(): Promise<void> {
    await this.planning.settled();
  }
}
