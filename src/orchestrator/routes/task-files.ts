// GET /tasks/{task_id}/files and /tasks/{task_id}/files/*: what was attached, and what agents wrote.

import type { Readable } from 'node:stream';
import { z } from 'zod';
import { listFilesResponse } from '../../protocol/api.ts';
import { failures } from '../../protocol/failures.ts';
import type { App } from '../app.ts';
import type { Parts } from '../parts.ts';
import { listFiles, openFile, taskFolder } from '../task-files.ts';
import { findStatus } from '../task-response.ts';
import { taskParams } from './tasks.ts';

export function addTaskFileRoutes(app: App, parts: Parts): void {
  const config = { access: 'read' } as const;
  app.get('/tasks/:task_id/files', { schema: listSchema, config }, async ({ params }) => {
    await findStatus(parts, params.task_id);
    return { files: await listFiles(taskFolder(parts.config.sharedFiles, params.task_id)) };
  });

  app.get('/tasks/:task_id/files/*', { schema: readSchema, config }, async ({ params }, reply) => {
    const path = params['*'];
    const file = await openFile(taskFolder(parts.config.sharedFiles, params.task_id), path);
    reply.headers({ 'content-type': mediaType(path), 'content-length': file.bytes, 'content-disposition': as(path) });
    return reply.send(file.stream);
  });
}

/** Text or bytes, never a type that a browser would run. */
function mediaType(path: string): string {
  return /\.(txt|md|csv|tsv|json|log|ya?ml|html?|xml|js|ts|py|sql)$/i.test(path)
    ? 'text/plain; charset=utf-8'
    : 'application/octet-stream';
}

/** RFC 6266: the name in UTF-8, percent-encoded. */
function as(path: string): string {
  const name = encodeURIComponent(path.split('/').at(-1) ?? 'file');
  return `attachment; filename*=UTF-8''${name.replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)}`;
}

const stream = z.custom<Readable>().meta({ type: 'string', format: 'binary' });

const listSchema = {
  operationId: 'listTaskFiles',
  summary: "The files of the task's folder.",
  tags: ['files'],
  params: taskParams,
  response: { 200: listFilesResponse.describe('The files.'), ...failures('not_found') },
};

const readSchema = {
  operationId: 'readTaskFile',
  summary: "One file of the task's folder, as a download.",
  tags: ['files'],
  params: taskParams.extend({ '*': z.string().meta({ description: 'Path as the list shows it.' }) }),
  response: {
    200: { description: 'The bytes of the file.', content: { 'application/octet-stream': { schema: stream } } },
    ...failures('invalid_request', 'not_found'),
  },
};
