// The agent's HTTP service: routes and their errors. What they do is agent.ts's.
import swagger from '@fastify/swagger';
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import {
  agentStatus,
  type ExecuteRequest,
  type ExecutionAnswer,
  executeRequest,
  executeResponse,
  executionsRequest,
  executionsResponse,
  healthResponse,
  stopRequest,
  stopResponse,
} from '../protocol/agent-api.ts';
import { isAuthorised } from '../protocol/agent-trust.ts';
import { refuseCrossSiteChange, refuseForeignHost } from '../protocol/browser-guard.ts';
import { failures, failuresOfForm } from '../protocol/failures.ts';
import { parseJson } from '../protocol/json-body.ts';
import { answerMalformed } from '../protocol/malformed-request.ts';
import { expose, METRICS_TYPE } from '../telemetry/exposition.ts';
import type { Agent } from './agent.ts';
import { failure } from './attempt-runner.ts';
import { sendError, sendNotFound } from './error-handler.ts';

/** Room for a subtask that many others feed: their outputs travel in the request. */
const BODY_MAX_BYTES = 32 * 1024 * 1024;

/** Who may call an operation, for its document. */
const OPEN = { 'x-access': 'open' };
const FOR_ORCHESTRATOR = { 'x-access': 'agent' };

export type AgentServer = Pick<Agent, 'health' | 'status' | 'accept' | 'abort' | 'metrics'>;

export interface AgentServerOptions {
  logger?: FastifyBaseLogger;
  /** Asked of whoever gives orders. */
  token?: string | undefined;
}

export async function buildAgentServer(
  agent: AgentServer,
  { logger, token }: AgentServerOptions = {},
): Promise<FastifyInstance> {
  const app = fastify({
    ...(logger && { loggerInstance: logger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_MAX_BYTES,
    forceCloseConnections: true,
    clientErrorHandler: answerMalformed,
    frameworkErrors: (error, request, reply) => sendError(error, request, reply),
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(sendError);
  app.setNotFoundHandler(sendNotFound);
  agent.metrics.http.watch(app);
  await app.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: { title: 'Agent API', version: '1.0.0' },
      components: {
        securitySchemes: { agentToken: { type: 'http', scheme: 'bearer', description: 'MUSTER_AGENT_TOKEN.' } },
      },
    },
    transform: (route) => jsonSchemaTransform(withRefusals(route)),
  });
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_request: unknown, body: unknown) =>
    parseJson(String(body), { what: 'the body' }),
  );
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  guardCommands(app, token);
  addQueries(app, agent);
  addCommands(app, agent);
  return app;
}

type Route = Parameters<typeof jsonSchemaTransform>[0];

/** What every operation answers to a request that it cannot read, and to whom it does not let in. */
function withRefusals(route: Route): Route {
  const isOrder = route.route.method === 'POST';
  const refusals = isOrder ? failures('unauthorized', 'forbidden') : failures('forbidden');
  const response = { ...failuresOfForm(route.route.method), ...refusals, ...(route.schema.response as object) };
  // The empty one: on loopback no token may be asked for.
  const security = isOrder ? { security: [{ agentToken: [] }, {}] } : {};
  return { ...route, schema: { ...route.schema, ...security, response } };
}

/**
 * Orders are taken from who knows the shared token; how the agent is may be asked by anybody. Without a token, whoever is on
 * this machine gives orders, but no web page does in a visitor's name.
 */
function guardCommands(app: FastifyInstance, token: string | undefined): void {
  app.addHook('onRequest', async (request) => {
    refuseCrossSiteChange(request);
    if (token === undefined) refuseForeignHost(request);
    if (request.method !== 'POST' || isAuthorised(request.headers.authorization, token)) return;
    throw new AppError('unauthorized', 'authorization must be "Bearer …" with the MUSTER_AGENT_TOKEN of this agent');
  });
}

function addQueries(app: FastifyInstance, agent: AgentServer): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get(
    '/health',
    {
      schema: {
        ...OPEN,
        operationId: 'health',
        summary: 'The agent is up.',
        response: { 200: healthResponse.describe('It is up.') },
      },
    },
    () => agent.health(),
  );
  routes.get(
    '/status',
    {
      schema: {
        ...OPEN,
        operationId: 'status',
        summary: 'What its heartbeat reports.',
        response: { 200: agentStatus.describe('As it is now.') },
      },
    },
    () => agent.status(),
  );
  routes.get(
    '/metrics',
    {
      schema: {
        ...OPEN,
        operationId: 'metrics',
        summary: "Its attempts, tool calls and sessions, and its process, in Prometheus' text format.",
        response: { 200: { description: 'The metrics.', content: { 'text/plain': { schema: z.string() } } } },
      },
    },
    async (_request, reply) => reply.type(METRICS_TYPE).send(await expose(agent.metrics.registry)),
  );
}

function addCommands(app: FastifyInstance, agent: AgentServer): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.post(
    '/execute',
    {
      schema: {
        ...FOR_ORCHESTRATOR,
        operationId: 'execute',
        summary: 'Take one subtask; it runs in the background and its result is reported when it ends.',
        body: executeRequest,
        response: {
          200: executeResponse.describe('Taken.'),
          ...failures('invalid_request', 'capability_mismatch', 'busy'),
        },
      },
    },
    (request) => {
      agent.accept(request.body, request.headers.traceparent?.toString());
      return { status: 'accepted' as const, agent_id: agent.health().agent_id };
    },
  );
  routes.post(
    '/executions',
    {
      schema: {
        ...FOR_ORCHESTRATOR,
        operationId: 'executeSeveral',
        summary: 'Take several subtasks, as POST /execute does; each is taken or refused by itself.',
        body: executionsRequest,
        response: { 200: executionsResponse.describe('One answer for each.') },
      },
    },
    ({ body }) => ({
      agent_id: agent.health().agent_id,
      answers: body.executions.map(({ traceparent, ...request }) => takeOne(agent, request, traceparent)),
    }),
  );
  routes.post(
    '/stop',
    {
      schema: {
        ...FOR_ORCHESTRATOR,
        operationId: 'stop',
        summary: 'Abort a running attempt; `stopped` is false when none fits.',
        body: stopRequest,
        response: { 200: stopResponse.describe('Whether one was stopped.') },
      },
    },
    (request) => ({
      stopped: agent.abort(request.body, failure('cancelled', 'The attempt was stopped by POST /stop.')),
    }),
  );
}

function takeOne(agent: AgentServer, request: ExecuteRequest, traceparent: string | undefined): ExecutionAnswer {
  try {
    agent.accept(request, traceparent);
    return { status: 'accepted' };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { status: 'refused', detail: error.message, code: error.code };
  }
}
