// /api/* is the orchestrator's API. Answers are passed on as they arrive, so that server-sent events are; when a client
// goes, its request upstream ends too. JSON and text are compressed, to about a tenth; streams of events are not, for that
// would hold them back. A key that the browser keeps in its cookie goes on as the bearer.
import type { IncomingHttpHeaders } from 'node:http';
import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import proxy from '@fastify/http-proxy';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../domain/errors.ts';
import { isLoopback } from '../protocol/agent-trust.ts';
import type { DashboardApp } from './guard.ts';
import { orchestratorAway } from './orchestrator-away.ts';
import { authorizationOf } from './session.ts';

/** Planning answers when the model has: longer than any client of ours waits. */
const ANSWER_MS = 600_000;

/** Judged here already; to the orchestrator, which has another name and origin, they would look like another site's. */
const OF_THE_BROWSER = ['cookie', 'origin', 'referer', 'sec-fetch-site', 'sec-fetch-mode', 'sec-fetch-dest'];

/** Of 11: what is made anew for each request has to be quick. */
const BROTLI_QUALITY = 4;

interface Upstream {
  orchestratorUrl: string;
  host: string;
}

export async function addApiProxy(app: DashboardApp, upstream: Upstream): Promise<void> {
  await app.register(async (api) => {
    await api.register(compress, {
      globalDecompression: false,
      encodings: ['br', 'gzip'],
      brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } },
    });
    await addProxy(api, upstream);
  });
}

async function addProxy(app: FastifyInstance, { orchestratorUrl, host }: Upstream): Promise<void> {
  const isPublic = !isLoopback(host);
  await app.register(proxy, {
    upstream: orchestratorUrl,
    prefix: '/api',
    disableRequestLogging: true,
    // An orchestrator on loopback may ask nobody for a key: through this service it must not be open to other machines.
    preHandler(request, _reply, done) {
      if (isPublic && authorizationOf(request.headers) === undefined) done(signInFirst());
      else done();
    },
    // Each open page holds one stream, so their number is not limited here. A stream may be silent for long.
    undici: { connections: 10_000, headersTimeout: ANSWER_MS, bodyTimeout: 0 },
    replyOptions: {
      rewriteRequestHeaders: (_request, headers) => headersFor(headers),
      // A client decides itself what it repeats.
      retryDelay: () => null,
      onError: (reply, { error: cause }) => {
        const error = orchestratorAway(orchestratorUrl, cause);
        void reply.status(error.status).send({ detail: error.message, code: error.code });
      },
    },
  });
}

function headersFor(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const authorization = authorizationOf(headers);
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_BROWSER.includes(name)));
  return { ...kept, ...(authorization !== undefined && { authorization }) };
}

function signInFirst(): AppError {
  return new AppError('unauthorized', 'sign in with an API key: this dashboard is reachable from other machines', {
    field: 'authorization',
  });
}
