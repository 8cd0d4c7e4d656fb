// The OpenAPI documents of both services, asked of the services themselves. Building a service touches no database, bus
// or model, so empty stand-ins are enough; nothing listens. What is written where is generate-contracts.mjs's.

/** @typedef {{ ready(): PromiseLike<unknown>, swagger(): object, close(): PromiseLike<unknown> }} Service */

/**
 * @typedef {object} Builders
 * @property {(deps: any) => Promise<Service>} buildOrchestrator
 * @property {(agent: any) => Promise<Service>} buildAgentServer
 * @property {(level: string) => object} createLogger
 * @property {new () => object} ControlMetrics
 * @property {new () => object} AgentMetrics
 */

/**
 * File name → text, for each file of contracts/.
 * @param {Builders} builders
 * @returns {Promise<Record<string, string>>}
 */
export async function contractFiles({
  buildOrchestrator,
  buildAgentServer,
  createLogger,
  ControlMetrics,
  AgentMetrics,
}) {
  const config = { sharedFiles: 'shared_files', bodyLimitBytes: 10_000_000, planningMs: 60_000, planningSlots: 8 };
  return {
    'orchestrator-api.json': await documentOf(
      buildOrchestrator({ logger: createLogger('silent'), metrics: new ControlMetrics(), config }),
    ),
    'agent-api.json': await documentOf(buildAgentServer({ metrics: new AgentMetrics() })),
  };
}

/** @param {Promise<Service>} building */
async function documentOf(building) {
  const service = await building;
  await service.ready();
  const document = service.swagger();
  await service.close();
  return `${JSON.stringify(document, null, 2)}\n`;
}
