import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import { agent } from '../../tests/support/agents.ts';
import { subtask as subtaskOf } from '../../tests/support/subtasks.ts';
import type { AgentStatus } from '../domain/agent.ts';
import type { SubtaskResult } from '../domain/attempt.ts';
import type { TaskEvent } from '../domain/event.ts';
import type { AgentLog } from '../domain/log.ts';
import type { Subtask } from '../domain/subtask.ts';
import type { Task } from '../domain/task.ts';
import { EVENT_TYPES, SUBTASK_STATUSES, TASK_STATUSES } from '../domain/transitions.ts';
import type { TaskWaiting, WaitingReason } from '../domain/waiting.ts';
import { agentStatus, executeRequest } from './agent-api.ts';
import * as api from './api.ts';

describe('what the domain produces, the wire carries:', () => {
  it('agents, results, events, logs and reasons', () => {
    expectTypeOf<z.infer<typeof agentStatus>>().toEqualTypeOf<AgentStatus>();
    expectTypeOf<z.infer<typeof api.subtaskResult>>().toEqualTypeOf<SubtaskResult>();
    expectTypeOf<z.infer<typeof api.taskEvent>>().toEqualTypeOf<TaskEvent>();
    expectTypeOf<Omit<z.infer<typeof api.agentLog>, 'id'>>().toEqualTypeOf<AgentLog>();
    expectTypeOf<TaskWaiting>().toExtend<z.infer<typeof api.taskWaitingSchema>>();
    expectTypeOf<WaitingReason>().toExtend<z.infer<typeof api.waitingReasonSchema>>();
    expect(agentStatus.parse(agent())).toEqual(agent());
  });

  it('subtasks, with why they wait', () => {
    type Wired = z.infer<typeof api.subtask>;
    expectTypeOf<Omit<Wired, 'waiting'>>().toEqualTypeOf<Subtask>();
    const wired = { ...subtaskOf(), waiting: { reason: 'free_agent' as const, message: 'waits for a free agent' } };
    expect(api.subtask.parse(wired)).toEqual(wired);
  });

  it('tasks, with their subtasks', () => {
    expectTypeOf<Omit<api.TaskView, 'subtasks' | 'waiting'>>().toEqualTypeOf<Task>();
    expectTypeOf<Omit<Task, 'result'>>().toExtend<
      Omit<
        api.TaskSummary,
        'subtasks_total' | 'subtasks_completed' | 'subtasks_running' | 'subtasks_failed' | 'cost_usd'
      >
    >();
  });

  it('every status and every type of event', () => {
    for (const status of SUBTASK_STATUSES)
      expect(api.subtask.safeParse({ ...subtaskOf({ status }), waiting: null }).success).toBe(true);
    for (const status of TASK_STATUSES) expect(api.listTasksQuery.parse({ status }).status).toBe(status);
    for (const type of EVENT_TYPES) {
      const event = {
        task_id: 'task_1',
        seq: 1,
        type,
        subtask_id: null,
        data: {},
        created_at: '2030-01-01T00:00:00.000Z',
      };
      expect(api.taskEvent.parse(event)).toEqual(event);
    }
  });
});

describe('a new task', () => {
  const descriptionOf = (description: unknown) => api.createTaskBody.safeParse({ description });

  it('has a description of 10 to 5,000 characters', () => {
    for (const length of [10, 11, 5_000]) expect(descriptionOf('x'.repeat(length)).success).toBe(true);
    for (const length of [0, 9, 5_001]) expect(descriptionOf('x'.repeat(length)).success).toBe(false);
  });

  it('counts an emoji as one character, as the database does', () => {
    expect(descriptionOf('😀'.repeat(9)).success).toBe(false);
    expect(descriptionOf('😀'.repeat(10)).success).toBe(true);
    expect(descriptionOf('😀'.repeat(5_000)).success).toBe(true);
    expect(descriptionOf('😀'.repeat(5_001)).success).toBe(false);
  });

  it.each([
    [undefined, 'is missing'],
    [7, 'is missing'],
    ['short', 'at least 10 characters'],
    ['x'.repeat(5_001), 'at most 5000 characters: attach'],
  ])('with the description %j is told what to mend', (description, message) => {
    const [issue] = descriptionOf(description).error!.issues;
    expect(issue).toMatchObject({ path: ['description'], message: expect.stringContaining(message) });
  });

  it('belongs to the default user unless it names one', () => {
    const description = 'Calculate factorial of 10';
    expect(api.createTaskBody.parse({ description })).toEqual({ description, user_id: 'default_user' });
    expect(api.createTaskBody.parse({ description, user_id: 'ann' }).user_id).toBe('ann');
    for (const user_id of ['', 'x'.repeat(201), null])
      expect(api.createTaskBody.safeParse({ description, user_id }).error!.issues[0]!.path).toEqual(['user_id']);
  });

  it('may bring any plan: the domain checks it', () => {
    const body = { description: 'Calculate factorial of 10', plan: { subtasks: 'not even a list' } };
    expect(api.createTaskBody.parse(body).plan).toEqual(body.plan);
  });
});

describe('a page', () => {
  it.each([
    ['tasks', api.listTasksQuery],
    ['logs', api.listLogsQuery],
  ])('of %s holds 50 rows unless told otherwise, and at most 200', (_, query) => {
    expect(query.parse({}).limit).toBe(50);
    expect(query.parse({ limit: '200' }).limit).toBe(200);
    for (const limit of ['0', '201', '-1', '1.5', 'all'])
      expect(query.safeParse({ limit }).error!.issues[0]!.path).toEqual(['limit']);
  });

  it('is bounded by instants in UTC', () => {
    expect(api.listTasksQuery.safeParse({ created_after: '2030-01-01T00:00:00Z' }).success).toBe(true);
    for (const created_after of ['yesterday', '2030-01-01', '2030-02-30T00:00:00Z', '2030-01-01T00:00:00+02:00'])
      expect(api.listTasksQuery.safeParse({ created_after }).success).toBe(false);
  });
});

describe('an execute request', () => {
  const request = {
    task_id: 'task_1',
    subtask: { id: 'subtask_1', description: 'Add them', required_capabilities: ['data_analysis'] },
  };

  it('needs only what the base contract asks for', () => {
    expect(executeRequest.parse(request)).toMatchObject({
      attempt: 1,
      task_context: {},
      subtask: { dependencies: [], priority: 5, input_data: {} },
    });
  });

  it('keeps what else a caller puts into the context', () => {
    expect(executeRequest.parse({ ...request, task_context: { mood: 'good' } }).task_context).toEqual({ mood: 'good' });
  });

  it.each([
    ['an unknown capability', { required_capabilities: ['cooking'] }, ['subtask', 'required_capabilities', 0]],
    ['no capability', { required_capabilities: [] }, ['subtask', 'required_capabilities']],
    ['a priority of 11', { priority: 11 }, ['subtask', 'priority']],
    ['an id that is no part of a path', { id: '../up' }, ['subtask', 'id']],
  ])('with %s is refused', (_, wrong, path) => {
    const parsed = executeRequest.safeParse({ ...request, subtask: { ...request.subtask, ...wrong } });
    expect(parsed.error!.issues[0]!.path).toEqual(path);
  });

  it('with an attempt that could not be reported is refused', () => {
    expect(executeRequest.safeParse({ ...request, attempt: 2_147_483_647 }).success).toBe(true);
    expect(executeRequest.safeParse({ ...request, attempt: 2_147_483_648 }).error!.issues[0]!.path).toEqual([
      'attempt',
    ]);
  });
});
