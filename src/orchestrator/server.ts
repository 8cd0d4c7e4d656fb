// The orchestrator's HTTP service, put together. Building it touches neither database nor bus, so that its OpenAPI
// document can be generated anywhere. Listening and background work are start.ts's.
import { randomUUID } from 'node:crypto';
import multipart from '@fastify/multipart';
import swagger from '@fastify/swagger';
import { fastify } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { AppError } from '../domain/errors.ts';
import { parseJson } from '../protocol/json-body.ts';
import { answerMalformed } from '../protocol/malformed-request.ts';
import { createRedactor } from '../redact.ts';
import { addAccess } from './access.ts';
import type { App } from './app.ts';
import { BackgroundPlanning } from './background-planning.ts';
import { createErrorHandler, refuseUnknownRoute } from './errors-to-http.ts';
import { refuseUnknownParameters } from './known-parameters.ts';
import { openapiOptions } from './openapi.ts';
import type { OrchestratorDeps } from './parts.ts';
import { openPlanningRoom } from './planning-room.ts';
import { addAgentRoutes } from './routes/agents.ts';
import { addBulkRoute } from './routes/bulk.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addKeyRoutes } from './routes/keys.ts';
import { addLiveRoutes } from './routes/live.ts';
import { addLogRoutes } from './routes/logs.ts';
import { addMcpRoutes } from './routes/mcp.ts';
import { addMetricsRoute } from './routes/metrics.ts';
import { addPlanRoutes } from './routes/plans.ts';
import { addSearchRoutes } from './routes/search.ts';
import { addStatsRoutes } from './routes/stats.ts';
import { addTaskActionRoutes } from './routes/task-actions.ts';
import { addTaskEventRoutes } from './routes/task-events.ts';
import { addTaskFileRoutes } from './routes/task-files.ts';
import { addTaskGraphRoutes } from './routes/task-graph.ts';
import { addTaskRoutes } from './routes/tasks.ts';
import { addWorkspaceRoutes } from './routes/workspace.ts';
import { TaskIntake } from './task-intake.ts';
import { isTaskId } from './task-owners.ts';
import { unknownTask } from './task-response.ts';

const CLOSE_MS = 1_000;

/** `room` is given where something else in this process plans too. */
export async function buildOrchestrator(deps: OrchestratorDeps, room = openPlanningRoom(deps)): Promise<App> {
  const app = createApp(deps);
  deps.metrics.http.watch(app);
  await addPlugins(app);
  addResponseHeaders(app);
  const { ring, owners } = await addAccess(app, deps);
  addBodyParser(app);
  guardParameters(app);
  const parts = { ...deps, planning: room, stopping: abortedOnClose(app, deps) };
  const planning = new BackgroundPlanning(parts);
  app.addHook('onClose', async () => {
    await planning.settled();
    await room.close();
  });
  const submitParts = { parts, intake: new TaskIntake(parts), planning };
  addTaskRoutes(app, submitParts);
  addBulkRoute(app, submitParts);
  addPlanRoutes(app, parts);
  addTaskActionRoutes(app, parts, owners);
  addTaskEventRoutes(app, parts);
  addTaskFileRoutes(app, parts);
  addTaskGraphRoutes(app, parts);
  addAgentRoutes(app, parts);
  addLogRoutes(app, parts);
  addLiveRoutes(app, parts);
  addSearchRoutes(app, parts);
  addStatsRoutes(app, parts);
  addWorkspaceRoutes(app, parts);
  addKeyRoutes(app, parts, ring);
  addHealthRoutes(app, parts);
  addMetricsRoute(app, parts);
  addMcpRoutes(app, { ...parts, owners, background: planning });
  return app;
}

function createApp({ logger, config }: OrchestratorDeps): App {
  const handleError = createErrorHandler(config.bodyLimitBytes, createRedactor([]));
  const app = fastify({
    loggerInstance: logger,
    bodyLimit: config.bodyLimitBytes,
    // How long a request may take to arrive; its answer may take longer.
    requestTimeout: 60_000,
    genReqId: () => randomUUID(),
    // Paths of files; the default of 100 characters is too short for them.
    routerOptions: { maxParamLength: 2_000 },
    clientErrorHandler: answerMalformed,
    frameworkErrors: (error, request, reply) => void handleError(error, request, reply),
  });
  app.setErrorHandler(handleError);
  app.setNotFoundHandler(refuseUnknownRoute);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  return app.withTypeProvider<ZodTypeProvider>();
}

async function addPlugins(app: App): Promise<void> {
  await app.register(swagger, openapiOptions);
  await app.register(multipart);
}

/** An empty body is none, whatever type it claims: the parameters may all be in the query string. */
function addBodyParser(app: App): void {
  app.addHook('onRequest', async (request) => {
    if (request.headers['content-length'] === '0') delete request.headers['content-type'];
  });
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: unknown) =>
    body === '' ? undefined : parseJson(String(body), { what: 'the body' }),
  );
}

/** Nothing is asked that no route knows, and no parameter reaches the database or the disk with U+0000 in it or as an impossible id. */
function guardParameters(app: App): void {
  app.addHook<{ Params: { task_id?: string }; Querystring: Record<string, unknown> }>(
    'preValidation',
    async (request) => {
      const { params, query } = request;
      refuseUnknownParameters(request);
      if (params.task_id !== undefined && !isTaskId(params.task_id)) throw unknownTask(params.task_id);
      const field = Object.keys(query).find((name) => String(query[name]).includes('\u0000'));
      if (field === undefined) return;
      throw new AppError('invalid_request', `${field} holds the character U+0000: remove it`, { field });
    },
  );
}

function addResponseHeaders(app: App): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
  });
}

/**
 * Closing waits for every answer that is under way, so those that wait for something are told to end. It would also wait,
 * for a minute, for connections that never sent a request (browsers open them in advance) or do not finish one: those
 * are cut after CLOSE_MS.
 */
function abortedOnClose(app: App, { clock }: OrchestratorDeps): AbortSignal {
  const closing = new AbortController();
  let cancel = () => {};
  app.addHook('preClose', async () => {
    closing.abort();
    if (app.server.listening) cancel = clock.after(CLOSE_MS, () => app.server.closeAllConnections());
  });
  app.addHook('onResponse', async () => {
    if (closing.signal.aborted) setImmediate(() => app.server.closeIdleConnections());
  });
  app.addHook('onClose', async () => cancel());
  return closing.signal;
}
