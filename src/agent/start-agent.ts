// Starts one agent as a service: server, registration, and the way back. The flow that boot calls.
import type { FastifyBaseLogger } from 'fastify';
import { Agent, type AgentSettings } from './agent.ts';
import { buildAgentServer } from './server.ts';

const STOP_DEADLINE_MS = 5_000;

export interface AgentOptions extends Omit<AgentSettings, 'logger'> {
  host: string;
  /** 0: any free port. */
  port: number;
  /** How the orchestrator reaches it. Default: http://host:port. */
  url?: string;
  logger: FastifyBaseLogger;
}

export interface RunningAgent {
  agentId: string;
  url: string;
  port: number;
  /** Lets running attempts end for `deadlineMs` (default 5000), aborts the rest, leaves the registry, closes everything. */
  stop(options?: { deadlineMs?: number }): Promise<void>;
}

/** Resolves when the agent is listening and registered. Rejects when the port is taken; the runtime is then closed. */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const agent = new Agent(options);
  const server = await buildAgentServer(agent, { logger: options.logger, token: options.token });
  const address = await register().catch(async (error: unknown) => {
    await server.close();
    await options.runtime.close();
    throw error;
  });
  return {
    agentId: options.agentId,
    ...address,
    async stop({ deadlineMs = STOP_DEADLINE_MS } = {}) {
      await agent.stop(deadlineMs);
      await server.close();
    },
  };

  async function register(): Promise<{ url: string; port: number }> {
    await server.listen({ host: options.host, port: options.port });
    const bound = server.server.address();
    const port = typeof bound === 'object' && bound ? bound.port : options.port;
    const url = options.url ?? urlOf(options.host, port);
    await agent.start({ url, port });
    return { url, port };
  }
}

function urlOf(host: string, port: number): string {
  // An agent that listens everywhere is reached by name; from this machine, loopback will do.
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}
