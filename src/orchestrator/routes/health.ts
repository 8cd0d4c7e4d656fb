// GET / with links, /healthz (the process lives), /readyz (it can do its work), /system (what is in use), /openapi.json.

import { z } from 'zod';
import { TASK_DESCRIPTION_MAX } from '../../domain/task.ts';
import { healthzResponse, readyzResponse } from '../../protocol/api.ts';
import { systemResponse } from '../../protocol/dashboard-api.ts';
import { failures } from '../../protocol/failures.ts';
import type { App } from '../app.ts';
import { product } from '../openapi.ts';
import type { Parts } from '../parts.ts';
import { checkReadiness } from '../readiness.ts';

export function addHealthRoutes(app: App, parts: Parts): void {
  app.get('/', { schema: rootSchema, config: { access: 'read' } }, async () => ({ ...product, links }));
  app.get('/healthz', { schema: healthzSchema, config: { access: 'open' } }, async () => ({ status: 'ok' as const }));

  app.get('/readyz', { schema: readyzSchema, config: { access: 'open' } }, async (_request, reply) => {
    const readiness = await checkReadiness(parts);
    return reply.status(readiness.status === 'ready' ? 200 : 503).send(readiness);
  });

  app.get('/system', { schema: systemSchema, config: { access: 'read' } }, async () => {
    const { slots_default, ...inUse } = parts.inUse;
    const limits = { description_max: TASK_DESCRIPTION_MAX, body_bytes: parts.config.bodyLimitBytes, slots_default };
    return { version: product.version, ...inUse, limits };
  });

  app.get('/openapi.json', { schema: { hide: true }, config: { access: 'read' } }, async () => app.swagger());
}

const links = {
  tasks: '/tasks',
  agents: '/agents',
  logs: '/logs',
  health: '/healthz',
  readiness: '/readyz',
  system: '/system',
  me: '/me',
  metrics: '/metrics',
  openapi: '/openapi.json',
};

const rootSchema = {
  operationId: 'getService',
  summary: 'Name and version of the service, and where to go from here.',
  tags: ['service'],
  response: {
    200: z
      .object({ name: z.string(), version: z.string(), links: z.record(z.string(), z.string()) })
      .describe('The service.'),
    ...failures(),
  },
};

const healthzSchema = {
  operationId: 'getHealth',
  summary: 'The process lives.',
  tags: ['service'],
  response: { 200: healthzResponse.describe('It lives.'), ...failures() },
};

const readyzSchema = {
  operationId: 'getReadiness',
  summary: 'Database and bus answer, and some process leads the scheduling.',
  tags: ['service'],
  response: {
    ...failures(),
    200: readyzResponse.describe('Ready.'),
    503: readyzResponse.describe('Not ready; the check that failed says why.'),
  },
};

const systemSchema = {
  operationId: 'getSystem',
  summary: 'What is in use: store, bus, model and runtime in words, and the limits of requests.',
  tags: ['service'],
  response: { 200: systemResponse.describe('What is in use.'), ...failures() },
};
