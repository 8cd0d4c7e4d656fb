// An orchestrator as tests use it: a real PGlite and the real memory bus; the planner, a port, does what the test says.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryBus } from '../../src/bus/memory.ts';
import { systemClock } from '../../src/clock.ts';
import type { AgentStatus } from '../../src/domain/agent.ts';
import type { AttemptOutput, AttemptReport, ReportedUsage } from '../../src/domain/attempt.ts';
import type { Capability } from '../../src/domain/capability.ts';
import { type Plan, planSchema } from '../../src/domain/plan.ts';
import { createLogger } from '../../src/log.ts';
import type { InUse, OrchestratorConfig, OrchestratorDeps } from '../../src/orchestrator/parts.ts';
import { buildOrchestrator } from '../../src/orchestrator/server.ts';
import type { Planner } from '../../src/planner/planner.ts';
import type { Db } from '../../src/store/db.ts';
import { openPglite } from '../../src/store/db-pglite.ts';
import { holdLease } from '../../src/store/leases.ts';
import { migrate } from '../../src/store/migrate.ts';
import { claimSubtasks } from '../../src/store/subtasks.ts';
import { ControlMetrics } from '../../src/telemetry/control-metrics.ts';

const LEASE = { name: 'scheduler', holder: 'test' };

/** Plans as the test says: by default one step. */
export class ScriptedPlanner implements Planner {
  planWith: Planner['plan'] = async () => ({ plan: planOf([{ description: 'Do what was asked' }]), source: 'model' });
  summariseWith: Planner['summarise'] = async ({ results }) => `a summary of ${results.length} results`;

  plan(...call: Parameters<Planner['plan']>) {
    return this.planWith(...call);
  }

  summarise(...call: Parameters<Planner['summarise']>) {
    return this.summariseWith(...call);
  }
}

export interface Step {
  description: string;
  required_capabilities?: Capability[];
  dependencies?: number[];
}

export function planOf(steps: readonly Step[]): Plan {
  const subtasks = steps.map((step) => ({ required_capabilities: ['data_analysis'], ...step }));
  return planSchema.parse({ subtasks });
}

export function agent(agent_id: string, capabilities: Capability[], is_available = true): AgentStatus {
  return {
    agent_id,
    instance_id: `${agent_id}-1`,
    url: 'http://127.0.0.1:1',
    port: 1,
    capabilities,
    slots: 1,
    running: [],
    is_available,
    current_task: null,
    cpu_usage: 1,
    memory_usage: 1,
    tasks_completed: 0,
    last_heartbeat: new Date().toISOString(),
  };
}

export const IN_USE: InUse = {
  store: 'embedded PostgreSQL (PGlite) in memory',
  bus: 'in memory',
  model: { kind: 'offline', name: 'offline model, rule-based' },
  agent_runtime: 'claude',
  slots_default: 1,
};

export type Fixture = Awaited<ReturnType<typeof openFixture>>;

/** What a process brings along; one database may serve several orchestrators. */
export async function openFixture(
  overrides: Partial<OrchestratorDeps> = {},
  settings: Partial<OrchestratorConfig> = {},
) {
  const db = overrides.db ?? (await openDatabase());
  const sharedFiles = await mkdtemp(join(tmpdir(), 'muster-orchestrator-'));
  const planner = new ScriptedPlanner();
  const deps: OrchestratorDeps = {
    db,
    bus: createMemoryBus(systemClock),
    planner,
    clock: systemClock,
    logger: createLogger('silent'),
    metrics: new ControlMetrics(),
    config: { sharedFiles, bodyLimitBytes: 1_000_000, planningMs: 10_000, planningSlots: 8, ...settings },
    inUse: IN_USE,
    isSchedulerAlive: () => true,
    ...overrides,
  };
  const app = await buildOrchestrator(deps);
  await app.ready();
  return {
    deps,
    app,
    planner,
    sharedFiles,
    async submit(body: Record<string, unknown>): Promise<string> {
      const answer = await app.inject({ method: 'POST', url: '/tasks', payload: body });
      if (answer.statusCode !== 200) throw new Error(answer.body);
      return answer.json().task_id;
    },
    async get(url: string) {
      const answer = await app.inject(url);
      return { status: answer.statusCode, body: answer.json() };
    },
    async close() {
      await app.close();
      if (!overrides.bus) await deps.bus.close();
      if (!overrides.db) await db.close();
      await rm(sharedFiles, { recursive: true });
    },
  };
}

export async function openDatabase(): Promise<Db> {
  const db = await openPglite();
  await migrate(db);
  return db;
}

/** ready → running, for every ready subtask of the task, as the scheduler does it; in the order of the plan. */
export async function claimReady(db: Db, taskId: string) {
  await holdLease(db, LEASE, 60_000);
  const ready = await db.query<{ id: string }>(
    `select id from subtasks where task_id = $1 and status = 'ready' order by position`,
    [taskId],
  );
  const claims = ready.map(({ id }) => ({ subtask_id: id, agent_id: 'agent_1', agent_instance: 'agent_1-1' }));
  const claimed = await claimSubtasks(db, claims, { lease: LEASE, timeoutMs: 60_000 });
  if (claimed.outcome !== 'claimed') throw new Error('the test lost its lease');
  const attempts = new Map(claimed.subtasks.map(({ id, attempt }) => [id, attempt]));
  return ready.map(({ id }) => ({ subtask_id: id, task_id: taskId, attempt: attempts.get(id) ?? 0 }));
}

export type Attempt = Awaited<ReturnType<typeof claimReady>>[number];

const usage: ReportedUsage = {
  execution_time: 0.5,
  input_tokens: 10,
  output_tokens: 5,
  cost_usd: 0.01,
  turns: 2,
  unknown: [],
};

export function completed(attempt: Attempt, output: Partial<AttemptOutput> = {}): AttemptReport {
  const whole = { success: true, summary: 'it is done', data: {}, ...output };
  return { ...attempt, agent_id: 'agent_1', outcome: { status: 'completed', output: whole }, usage };
}

export function failed(attempt: Attempt): AttemptReport {
  const outcome = { status: 'failed', error: 'it cannot be done', error_code: 'unsuccessful' } as const;
  return { ...attempt, agent_id: 'agent_1', outcome, usage };
}
