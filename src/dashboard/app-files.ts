// The files of the built web app. Names of assets carry a hash of their content and may be kept for ever; every address
// that is no file is a view of the app, and gets index.html.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../domain/errors.ts';
import type { DashboardApp } from './guard.ts';

const FOR_EVER = 'public, max-age=31536000, immutable';

export async function addAppFiles(app: DashboardApp, folder: string | URL): Promise<void> {
  const root = typeof folder === 'string' ? folder : fileURLToPath(folder);
  if (!existsSync(root)) {
    app.setNotFoundHandler(async () => {
      throw new AppError('unavailable', `the web app is not built: run \`npm run build\` (${root} is missing)`);
    });
    return;
  }
  await app.register(fastifyStatic, {
    root,
    // Brotli and gzip are made at build time.
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply, path) => {
      reply.header('cache-control', /[\\/]assets[\\/]/.test(path) ? FOR_EVER : 'no-cache');
    },
  });
  app.setNotFoundHandler(async (request, reply) => showView(request, reply));
}

function showView(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [path = ''] = request.url.split('?');
  const isView = request.method === 'GET' && !path.startsWith('/assets/');
  if (!isView) throw new AppError('not_found', `nothing is served at ${request.method} ${path}`);
  return reply.sendFile('index.html');
}
