// GET /tasks/{task_id}/graph and /tasks/{task_id}/subtasks/{subtask_id}: a task at a glance, and one subtask in full.

import { z } from 'zod';
import { subtaskDetailResponse, taskGraphResponse } from '../../protocol/dashboard-api.ts';
import { failures } from '../../protocol/failures.ts';
import type { App } from '../app.ts';
import type { Parts } from '../parts.ts';
import { readSubtask } from '../subtask-detail.ts';
import { readTaskGraph } from '../task-graph.ts';
import { taskParams } from './tasks.ts';

export function addTaskGraphRoutes(app: App, parts: Parts): void {
  const config = { access: 'read' } as const;
  app.get('/tasks/:task_id/graph', { schema: graphSchema, config }, async ({ params }) =>
    readTaskGraph(parts, params.task_id),
  );

  app.get('/tasks/:task_id/subtasks/:subtask_id', { schema: subtaskSchema, config }, async ({ params }) =>
    readSubtask(parts, params),
  );
}

const graphSchema = {
  operationId: 'getTaskGraph',
  summary: 'A task as a graph: each subtask in short, its attempts as lines of time, costs and the critical path.',
  description:
    'All of it is as of one instant: the stream of events that goes on after `last_event` misses nothing and repeats nothing.',
  tags: ['tasks'],
  params: taskParams,
  response: { 200: taskGraphResponse.describe('Found.'), ...failures('not_found') },
};

const subtaskSchema = {
  operationId: 'getSubtask',
  summary: 'One subtask in full: what it is given, what waits for it, and the result of each attempt.',
  tags: ['tasks'],
  params: taskParams.extend({
    subtask_id: z.string().meta({ description: 'Id of the subtask, `subtask_…`.' }),
  }),
  response: { 200: subtaskDetailResponse.describe('Found.'), ...failures('not_found') },
};
