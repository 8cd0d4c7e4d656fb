// Agents as this process starts them: one service and one runtime each; the default crew on consecutive ports.
import { AgentMetrics } from '../agent/agent-metrics.ts';
import type { AttemptRunner } from '../agent/attempt-runner.ts';
import { createClaudeRuntime } from '../agent/claude-runtime.ts';
import { observeCallsWith } from '../agent/observed-attempt.ts';
import { createSimulatedRuntime } from '../agent/simulate.ts';
import { type RunningAgent, startAgent } from '../agent/start-agent.ts';
import type { Workspace } from '../agent/tools/ports.ts';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { type Config, secretsOf } from '../config.ts';
import { type CrewMember, DEFAULT_CREW } from '../domain/agent.ts';
import type { Logger } from '../log.ts';
import type { ModelAccess } from './model.ts';
import { searchThrough } from './search-client.ts';

export interface CrewParts {
  config: Config;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  model: ModelAccess;
  workspace: Workspace;
  /** What they show the orchestrator where MUSTER_AGENT_TOKEN is not set. */
  ownAgentsToken?: string;
  /** Where the orchestrator answers; asked at the time of use, since the crew starts before it. */
  orchestratorUrl: () => string;
}

/** All of them or none: when one cannot start, the others are stopped again. */
export async function startCrew(parts: CrewParts): Promise<RunningAgent[]> {
  const { AGENT_BASE_PORT } = parts.config;
  const portOf = (nth: number) => (AGENT_BASE_PORT === 0 ? 0 : AGENT_BASE_PORT + nth);
  const starting = DEFAULT_CREW.map((member, nth) => startMember(parts, { ...member, port: portOf(nth) }));
  const outcomes = await Promise.allSettled(starting);
  const started = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (!failure) return started;
  await Promise.all(started.map((agent) => agent.stop({ deadlineMs: 0 })));
  throw failure.reason;
}

export interface MemberPlace extends CrewMember {
  /** 0: any free one. */
  port: number;
  /** How the orchestrator reaches it. Default: http://HOST:port. */
  url?: string;
}

export function startMember(parts: CrewParts, member: MemberPlace): Promise<RunningAgent> {
  const { config, bus, clock, logger } = parts;
  const metrics = new AgentMetrics();
  return startAgent({
    agentId: member.agent_id,
    capabilities: member.capabilities,
    host: config.HOST,
    port: member.port,
    ...(member.url && { url: member.url }),
    token: config.MUSTER_AGENT_TOKEN,
    slots: config.AGENT_SLOTS,
    bus,
    clock,
    logger: logger.child({ agent_id: member.agent_id }),
    metrics,
    runtime: createRuntime(parts, metrics),
    heartbeatIntervalMs: config.HEARTBEAT_INTERVAL_MS,
    heartbeatTtlMs: config.HEARTBEAT_TTL_MS,
    attemptTimeoutMs: config.ATTEMPT_TIMEOUT_MS,
    secrets: secretsOf(config),
  });
}

function createRuntime(parts: CrewParts, metrics: AgentMetrics): AttemptRunner {
  const { config, bus, clock, model } = parts;
  if (config.AGENT_RUNTIME === 'simulate') return createSimulatedRuntime(clock);
  return createClaudeRuntime({
    model: config.CLAUDE_MODEL,
    permissionMode: config.SDK_PERMISSION_MODE,
    credentials: model,
    environment: process.env,
    ports: {
      state: {
        get: (taskId, key) => bus.getState(taskId, key),
        set: ({ taskId, ...write }) => bus.setState({ task_id: taskId, ttlMs: config.STATE_TTL_MS, ...write }),
      },
      workspace: parts.workspace,
      search: searchThrough(parts.orchestratorUrl, config.MUSTER_AGENT_TOKEN ?? parts.ownAgentsToken),
      httpAllow: config.HTTP_TOOL_ALLOW,
      observe: observeCallsWith(metrics),
    },
    sharedFiles: config.SHARED_FILES,
    clock,
    warmSessions: config.AGENT_WARM_SESSIONS,
    warmMax: config.AGENT_WARM_MAX,
    warmIdleMs: config.AGENT_WARM_IDLE_MS,
    priced: model.kind === 'claude',
  });
}
