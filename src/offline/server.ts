// The offline model's HTTP service: the Anthropic Messages API on a local port, for both real SDKs. It owns routes
// and their errors; the answers come from rules (reply.ts). It accepts any API key and reaches nothing itself.
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ApiError, errorBody, parseBody, statusOf } from './api-error.ts';
import { message, messageEvents } from './message-stream.ts';
import { isOverloadRehearsal, rehearsedDelayMs } from './rehearsals.ts';
import { replyTo } from './reply.ts';
import {
  type Conversation,
  countTokensRequest,
  estimateInputTokens,
  messagesRequest,
  readConversation,
} from './request.ts';
import { readWork } from './work.ts';

const BODY_LIMIT_BYTES = 30 * 1024 * 1024;
const OFFLINE_MODEL_ID = 'muster-offline';

/**
 * Starts listening on `host` (default 127.0.0.1) and `port` (default 0: any free one). Rejects when the port is
 * taken. `close` drops open connections, slow answers included.
 */
export async function startOfflineModel(
  options: { host?: string; port?: number } = {},
): Promise<{ url: string; close(): Promise<void> }> {
  // 529 is Anthropic's own status, and Fastify passes it through as it is.
  const app = fastify({ bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: true });
  app.setErrorHandler<ApiError | FastifyError>((error, _request, reply) => {
    const status = statusOf(error);
    return reply.code(status).send(errorBody(status, error.message));
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(errorBody(404, `The offline model does not serve ${request.method} ${request.url}.`)),
  );
  addRoutes(app);
  const url = await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 });
  return { url, close: async () => app.close() };
}

function addRoutes(app: FastifyInstance): void {
  app.get('/', () => ({ service: 'muster offline model' }));
  app.get('/v1/models', () => ({
    data: [modelInfo(OFFLINE_MODEL_ID)],
    has_more: false,
    first_id: OFFLINE_MODEL_ID,
    last_id: OFFLINE_MODEL_ID,
  }));
  // Every name is served: Muster asks for the Claude model it is set to, and the rules answer in its place.
  app.get<{ Params: { id: string } }>('/v1/models/:id', (request) => modelInfo(request.params.id));
  app.post('/v1/messages/count_tokens', (request) => ({
    input_tokens: estimateInputTokens(parseBody(countTokensRequest, request.body)),
  }));
  app.post('/v1/messages', answer);
}

function modelInfo(id: string): object {
  return { type: 'model', id, display_name: "Muster's offline model", created_at: '2026-01-01T00:00:00Z' };
}

async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const body = parseBody(messagesRequest, request.body);
  const conversation = readConversation(body);
  const delayMs = rehearse(conversation);
  const source = {
    model: body.model,
    inputTokens: estimateInputTokens(body),
    reply: replyTo(conversation),
  };
  const signal = disconnectSignal(reply);
  if (body.stream !== true) {
    await sleep(delayMs, undefined, { signal });
    return reply.send(message(source));
  }
  return reply
    .headers({ 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
    .send(Readable.from(messageEvents(source, delayMs, signal)));
}

/** Milliseconds to take before answering; throws what the subtask asks to rehearse. */
function rehearse(conversation: Conversation): number {
  if (conversation.role !== 'agent' || conversation.calls.length > 0) return 0;
  const { text } = readWork(conversation);
  if (isOverloadRehearsal(text)) throw new ApiError(529, 'Overloaded, as the subtask asked to rehearse.');
  return rehearsedDelayMs(text) ?? 0;
}

// A slow answer must not outlive the client that asked for it, nor hold up `close`.
function disconnectSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort());
  return controller.signal;
}
