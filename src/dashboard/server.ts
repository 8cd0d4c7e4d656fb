// The dashboard's HTTP service: the built web app, and the orchestrator's API under /api, so that a browser knows one
// origin. It holds no state; what may reach it is judged in guard.ts.
import { type FastifyReply, fastify } from 'fastify';
import { AppError } from '../domain/errors.ts';
import type { Logger } from '../log.ts';
import { answerMalformed } from '../protocol/malformed-request.ts';
import { addApiProxy } from './api-proxy.ts';
import { addAppFiles } from './app-files.ts';
import { addMetrics } from './dashboard-metrics.ts';
import { addGuard } from './guard.ts';
import { addSession } from './session.ts';

export interface DashboardOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** Asked at each start, since in one process the orchestrator's port is known only once it listens. */
  orchestratorUrl: string;
  /** Folder of the built web app. Default: what `npm run build` made. */
  appFolder?: string;
  logger: Logger;
}

export interface RunningDashboard {
  url: string;
  stop(): Promise<void>;
}

const BUILT_APP = new URL('../../dist/dashboard/app/', import.meta.url);

export async function startDashboard(options: DashboardOptions): Promise<RunningDashboard> {
  const app = createApp(options.logger);
  addGuard(app, options.host);
  addMetrics(app);
  addSession(app, options.orchestratorUrl);
  await addApiProxy(app, options);
  await addAppFiles(app, options.appFolder ?? BUILT_APP);
  const url = await app.listen({ host: options.host, port: options.port });
  return { url, stop: () => app.close() };
}

function createApp(logger: Logger) {
  const app = fastify({
    loggerInstance: logger,
    // Streams of events never end by themselves: closing cuts them.
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 2_000 },
    clientErrorHandler: answerMalformed,
  });
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof AppError) return sendKnown(reply, error);
    const status = (error as { statusCode?: number }).statusCode ?? 500;
    if (status >= 500) request.log.error(error, 'the dashboard could not answer');
    const detail = status >= 500 ? 'something broke inside the dashboard; its log has the details' : String(error);
    return reply.status(status).send({ detail, code: status >= 500 ? 'internal' : 'invalid_request' });
  });
  return app;
}

function sendKnown(reply: FastifyReply, { status, message, code, field, retryAfter }: AppError): FastifyReply {
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  return reply.status(status).send({ detail: message, code, ...(field !== undefined && { field }) });
}
