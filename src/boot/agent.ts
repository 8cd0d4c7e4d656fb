// `muster agent`: one agent as a process of its own, on any machine that reaches Redis and the orchestrator.
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { DEFAULT_CREW } from '../domain/agent.ts';
import { AppError } from '../domain/errors.ts';
import { isLoopback } from '../protocol/agent-trust.ts';
import { openBus } from './bus.ts';
import { type MemberPlace, startMember } from './crew.ts';
import { NO_MODEL, openChosenModel } from './model.ts';
import { required, runService, type Service, type Voice } from './service.ts';
import { workspaceThrough } from './workspace-client.ts';

interface Started {
  agentId: string;
  url: string;
  capabilities: readonly string[];
}

const agent: Service<Started> = {
  name: 'muster-agent',
  async start({ config, logger, closers, signal, step }) {
    required('REDIS_URL', config.REDIS_URL, 'agents and orchestrators share one Redis');
    const place = placeOf(config);
    refuseOpenDoor(config);
    const model = config.AGENT_RUNTIME === 'simulate' ? NO_MODEL : await openChosenModel(config);
    closers.add(() => model.close());
    step('bus');
    const { bus } = await openBus(config, { clock: systemClock, logger, signal });
    closers.add(() => bus.close());
    const orchestratorUrl = () => config.ORCHESTRATOR_URL ?? `http://${config.HOST}:${config.ORCHESTRATOR_PORT}`;
    const workspace = workspaceThrough(orchestratorUrl, config.MUSTER_AGENT_TOKEN);
    const parts = { config, bus, clock: systemClock, logger, model, workspace, orchestratorUrl };
    step('agent');
    const running = await startMember(parts, place);
    closers.add(() => running.stop({ deadlineMs: config.SHUTDOWN_MS }));
    return { agentId: running.agentId, url: running.url, capabilities: place.capabilities };
  },
  banner: (_config, { agentId, url, capabilities }) => `${agentId} is up at ${url} (${capabilities.join(', ')}).`,
  facts: ({ agentId, url, capabilities }) => ({ agent_id: agentId, url, capabilities }),
};

export function runAgent(voice: Voice): Promise<void> {
  return runService(agent, voice);
}

/** Who it is and where it listens: as set, or as the default crew has it. */
function placeOf(config: Config): MemberPlace {
  const agent_id = required('AGENT_ID', config.AGENT_ID, 'name the agent, such as agent_1');
  const nth = DEFAULT_CREW.findIndex((member) => member.agent_id === agent_id);
  const capabilities = config.AGENT_CAPABILITIES ?? DEFAULT_CREW[nth]?.capabilities;
  const port = config.AGENT_PORT ?? (nth < 0 ? undefined : config.AGENT_BASE_PORT + nth);
  const hint = 'only agent_1 to agent_5 have a default';
  return {
    agent_id,
    capabilities: required('AGENT_CAPABILITIES', capabilities, `say what ${agent_id} can do; ${hint}`),
    port: required('AGENT_PORT', port, `say where ${agent_id} listens; ${hint}`),
    ...(config.AGENT_URL && { url: config.AGENT_URL }),
  };
}

/** Whoever can reach an agent without a token can make it work. */
function refuseOpenDoor(config: Config): void {
  if (config.MUSTER_AGENT_TOKEN || isLoopback(config.HOST)) return;
  const message = `MUSTER_AGENT_TOKEN is not set, and HOST ${config.HOST} is reachable from other machines: set the token that the orchestrators have`;
  throw new AppError('invalid_request', message, { field: 'MUSTER_AGENT_TOKEN' });
}
