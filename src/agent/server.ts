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
import { AppError, ERRORS, type ErrorCode } from '../domain/errors.ts';
import {
  agentStatus,
  EXECUTIONS_MAX,
  type ExecuteRequest,
  type ExecutionAnswer,
  errorResponse,
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
import { expose, METRICS_TYPE } from '../telemetry/exposition.ts';
import type { Agent } from './agent.ts';
import { failure } from './attempt-runner.ts';
import { sendError, sendNotFound } from './error-handler.ts';

/** Room for a subtask that many others feed: their outputs travel in the request. */
const BODY_MAX_BYTES = 32 * 1024 * 1024;

// Both ids become parts of paths.
const pathId = z.string().regex(/^[\w-]{1,200}$/, 'may hold letters, digits, _ and - only, 200 at most');
const executeBody = executeRequest.extend({
  task_id: pathId,
  subtask: executeRequest.shape.subtask.extend({ id: pathId }),
});
const executionsBody = executionsRequest.extend({
  executions: z
    .array(executeBody.extend({ traceparent: z.string().optional() }))
    .min(1)
    .max(EXECUTIONS_MAX),
});

/** Who may call an operation, for its document. */
const OPEN = { 'x-access': 'open' };
const FOR_ORCHESTRATOR = { 'x-access': 'agent' };

/** An error of an operation, for its document: its codes and what they mean. */
function refusal(...codes: ErrorCode[]) {
  return errorResponse.describe(codes.map((code) => `${code}: ${ERRORS[code].meaning}`).join(' '));
}

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
  });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(sendError);
  app.setNotFoundHandler(sendNotFound);
  agent.metrics.http.watch(app);
  await app.register(swagger, {
    openapi: { openapi: '3.0.3', info: { title: 'Agent API', version: '1.0.0' } },
    transform: jsonSchemaTransform,
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  guardCommands(app, token);
  addQueries(app, agent);
  addCommands(app, agent);
  return app;
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
        body: executeBody,
        response: {
          200: executeResponse.describe('Taken.'),
          400: refusal('invalid_request', 'capability_mismatch'),
          401: refusal('unauthorized'),
          503: refusal('busy'),
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
        body: executionsBody,
        response: {
          200: executionsResponse.describe('One answer for each.'),
          400: refusal('invalid_request'),
          401: refusal('unauthorized'),
        },
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
        response: {
          200: stopResponse.describe('Whether one was stopped.'),
          400: refusal('invalid_request'),
          401: refusal('unauthorized'),
        },
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
