// /api/* is the orchestrator's API. Answers are passed on as they arrive, so that server-sent events are; when a client
// goes, its request upstream ends too. JSON and text are compressed, to about a tenth; streams of events are not, for that
// would hold them back.
import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import proxy from '@fastify/http-proxy';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../domain/errors.ts';
import type { DashboardApp } from './guard.ts';

/** Planning answers when the model has: longer than any client of ours waits. */
const ANSWER_MS = 600_000;

/** Of 11: what is made anew for each request has to be quick. */
const BROTLI_QUALITY = 4;

export async function addApiProxy(app: DashboardApp, orchestratorUrl: string): Promise<void> {
  await app.register(async (api) => {
    await api.register(compress, {
      globalDecompression: false,
      encodings: ['br', 'gzip'],
      brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } },
    });
    await addProxy(api, orchestratorUrl);
  });
}

async function addProxy(app: FastifyInstance, orchestratorUrl: string): Promise<void> {
  await app.register(proxy, {
    upstream: orchestratorUrl,
    prefix: '/api',
    disableRequestLogging: true,
    // Each open page holds one stream, so their number is not limited here. A stream may be silent for long.
    undici: { connections: 10_000, headersTimeout: ANSWER_MS, bodyTimeout: 0 },
    replyOptions: {
      // A client decides itself what it repeats.
      retryDelay: () => null,
      onError: (reply, { error: cause }) => {
        const error = orchestratorAway(orchestratorUrl, cause);
        void reply.status(error.status).send({ detail: error.message, code: error.code });
      },
    },
  });
}

function orchestratorAway(url: string, cause: Error): AppError {
  return new AppError('orchestrator_away', `the orchestrator at ${url} does not answer: is it running?`, { cause });
}
