// POST /mcp: the tools for MCP clients, over streamable HTTP. GET and DELETE, which belong to sessions, are refused.
import { randomUUID } from 'node:crypto';
import { isInitializeRequest, type JSONRPCMessage, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../domain/errors.ts';
import type { App } from '../app.ts';
import { toAppError } from '../errors-to-http.ts';
import { goneSignal } from '../event-stream-reply.ts';
import { answerMessage } from '../mcp/endpoint.ts';
import type { McpParts } from '../mcp/tool.ts';

/** Given to a client when it introduces itself, and shown by it from then on. */
const CLIENT_LABEL = 'mcp-session-id';

const NEVER = new AbortController().signal;

export function addMcpRoutes(app: App, parts: McpParts): void {
  const config = { access: 'read' } as const;
  // No part of the HTTP API's document: what travels here is the protocol's own.
  const schema = { hide: true };
  app.post('/mcp', { schema, config, errorHandler: refuse }, async (request, reply) => {
    const message = readMessage(request.body);
    if (isInitializeRequest(message)) reply.header(CLIENT_LABEL, randomUUID());
    const answer = await answerMessage(parts, {
      message,
      headers: headersOf(request),
      caller: request.caller,
      client: labelOf(request),
      traceparent: request.headers.traceparent?.toString(),
      // A revoked key is answered with an error by whatever waits.
      gone: goneSignal(reply, { revoked: NEVER }),
      explain: (error) => explain(error, request, parts),
    });
    return reply.send(answer);
  });

  app.get('/mcp', { schema, config, exposeHeadRoute: false }, refuseMethod);
  app.delete('/mcp', { schema, config }, refuseMethod);
}

async function refuseMethod({ method }: FastifyRequest, reply: FastifyReply): Promise<never> {
  reply.header('allow', 'POST');
  throw new AppError('method_not_allowed', `${method} /mcp is not served: there are no sessions, POST each message`);
}

/** Throws invalid_request. */
function readMessage(body: unknown): JSONRPCMessage {
  if (Array.isArray(body))
    throw new AppError('invalid_request', 'the body is a batch, which MCP knows no more: POST each message alone');
  const { success, data } = JSONRPCMessageSchema.safeParse(body);
  if (success) return data;
  const message = 'the body is no JSON-RPC 2.0 message such as {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}';
  throw new AppError('invalid_request', message);
}

const PARSE_ERROR = -32_700;
const INVALID_REQUEST = -32_600;

/** A message that cannot be read is an error of JSON-RPC; whoever is not let in is told so as everywhere. */
async function refuse(error: unknown, _request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (!(error instanceof AppError) || error.code !== 'invalid_request') throw error;
  const code = error.cause instanceof SyntaxError ? PARSE_ERROR : INVALID_REQUEST;
  const answer = { jsonrpc: '2.0', id: null, error: { code, message: error.message, data: { code: error.code } } };
  await reply.status(400).serializer(JSON.stringify).send(answer);
}

function headersOf({ headers }: FastifyRequest): Headers {
  const one = (value: string | string[]) => (Array.isArray(value) ? value.join(', ') : value);
  return new Headers(Object.entries(headers).flatMap(([name, value]) => (value ? [[name, one(value)]] : [])));
}

function labelOf({ headers }: FastifyRequest): string | null {
  const label = headers[CLIENT_LABEL];
  return typeof label === 'string' && /^[\x21-\x7e]{1,100}$/.test(label) ? label : null;
}

function explain(error: unknown, request: FastifyRequest, { logger, config }: McpParts): AppError {
  const problem = toAppError(error, request, config.bodyLimitBytes);
  if (problem.status >= 500) logger.error({ err: error, request_id: request.id }, problem.message);
  return problem;
}
