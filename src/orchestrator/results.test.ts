import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Attempt,
  claimReady,
  completed,
  type Fixture,
  failed,
  openFixture,
  planOf,
  ScriptedPlanner,
} from '../../tests/contract/orchestrator-fixture.ts';
import { gate } from '../../tests/support/gate.ts';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { watchedTransactions } from '../../tests/support/watched-db.ts';
import type { AttemptReport } from '../domain/attempt.ts';
import { finishAttempts } from '../store/attempts.ts';
import type { Db } from '../store/db.ts';
import { listUnsummarised } from '../store/tasks.ts';
import { createLogsIntake } from './logs-intake.ts';
import type { Parts } from './parts.ts';
import { ResultProcessor } from './results.ts';
import { SUMMARY_MS, summariseTask } from './summary.ts';

const DESCRIPTION = 'Calculate factorial of 10';

let service: Fixture;
let results: ResultProcessor;
let stopping: AbortController;
beforeAll(async () => {
  service = await openFixture();
});
afterAll(() => service.close());
beforeEach(() => {
  stopping = new AbortController();
  results = new ResultProcessor(parts());
  results.start();
});
afterEach(async () => {
  await results.stop();
  service.planner.planWith = new ScriptedPlanner().planWith;
  service.planner.summariseWith = new ScriptedPlanner().summariseWith;
});

const parts = (): Omit<Parts, 'planning'> => ({ ...service.deps, stopping: stopping.signal });
const report = (...reports: AttemptReport[]) => service.deps.bus.publish('agent_results', reports);
const taskOf = async (taskId: string) => (await service.get(`/tasks/${taskId}`)).body;

async function ended(taskId: string) {
  await vi.waitFor(
    async () => expect((await taskOf(taskId)).task.status).toMatch(/completed|failed|cancelled/),
    10_000,
  );
  return taskOf(taskId);
}

async function runningTask(...steps: string[]): Promise<{ taskId: string; attempts: Attempt[] }> {
  const plan = planOf((steps.length > 0 ? steps : ['Calculate all of it']).map((description) => ({ description })));
  const taskId = await service.submit({ description: DESCRIPTION, plan, user_id: 'ada' });
  return { taskId, attempts: await claimReady(service.deps.db, taskId) };
}

describe('a report', () => {
  it('is stored, and a single subtask gives the task its summary', async () => {
    const { taskId, attempts } = await runningTask();
    await report(
      ...attempts.map((attempt) => completed(attempt, { summary: 'It is 3628800.', data: { result: 3628800 } })),
    );
    const { task, subtask_results } = await ended(taskId);
    expect(task).toMatchObject({ status: 'completed', result: { summary: 'It is 3628800.' } });
    expect(subtask_results).toMatchObject([{ attempt: 1, output: { data: { result: 3628800 } }, input_tokens: 10 }]);
  });

  it('that uses up the budget stops what runs beside it', async () => {
    const stops: unknown[] = [];
    const unsubscribe = await service.deps.bus.subscribe('stop', (notice) => stops.push(notice));
    const plan = planOf([{ description: 'Calculate one part' }, { description: 'Calculate the other part' }]);
    const taskId = await service.submit({ description: DESCRIPTION, plan, max_turns: 20 });
    const [first, second] = await claimReady(service.deps.db, taskId);
    if (!first || !second) throw new Error('nothing was claimed');
    const dear = completed(first);
    await report({ ...dear, usage: { ...dear.usage, turns: 21 } });
    const { subtask_id, attempt } = second;
    await vi.waitFor(() => expect(stops).toEqual([{ task_id: taskId, subtask_id, attempt }]));
    expect((await taskOf(taskId)).task).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('21 of 20 turns'),
    });
    unsubscribe();
  });

  it('keeps with the task what planning and the summary used', async () => {
    const { planWith, summariseWith } = service.planner;
    const used = { input_tokens: 1_000, output_tokens: 50 };
    const plan = planOf([{ description: 'Calculate one part' }, { description: 'Calculate the other part' }]);
    service.planner.planWith = async (_request, _signal, heard) => {
      heard?.used?.(used);
      heard?.used?.(used);
      return { plan, source: 'model' };
    };
    service.planner.summariseWith = async (_request, _signal, count) => {
      count?.(used);
      return 'both are done';
    };
    const taskId = await service.submit({ description: DESCRIPTION });
    for (const attempt of await claimReady(service.deps.db, taskId)) await report(completed(attempt));
    await vi.waitFor(async () => expect((await taskOf(taskId)).task.status).toBe('completed'));
    expect((await taskOf(taskId)).task).toMatchObject({ planner_input_tokens: 3_000, planner_output_tokens: 150 });
    Object.assign(service.planner, { planWith, summariseWith });
  });

  it('wakes the scheduler with what became ready and what ended, and announces the events', async () => {
    const { bus } = service.deps;
    const heard: unknown[] = [];
    const stops = [
      await bus.subscribe('wake', (notice) => heard.push(notice)),
      await bus.subscribe('events', (notice) => heard.push(notice)),
    ];
    const steps = [
      { description: 'Calculate the first part' },
      { description: 'Calculate the rest', dependencies: [0] },
    ];
    const taskId = await service.submit({ description: DESCRIPTION, plan: planOf(steps) });
    const [first] = await claimReady(service.deps.db, taskId);
    if (!first) throw new Error('nothing was claimed');
    heard.length = 0;
    await report(completed(first));
    const { task } = await taskOf(taskId);
    const ended = [{ agent_id: 'agent_1', task_id: taskId, subtask_id: first.subtask_id, attempt: 1 }];
    await vi.waitFor(() =>
      expect(heard).toContainEqual({
        ready: [],
        unblocked: [expect.objectContaining({ id: task.subtasks[1].id })],
        ended,
      }),
    );
    await vi.waitFor(() => expect(heard).toContainEqual({ task_ids: [taskId] }));
    for (const stop of stops) stop();
  });

  it('of a failure fails the task', async () => {
    const { taskId, attempts } = await runningTask();
    await report(...attempts.map(failed));
    expect((await ended(taskId)).task).toMatchObject({ status: 'failed', result: null });
  });

  it('of a superseded attempt changes nothing', async () => {
    const { taskId, attempts } = await runningTask();
    const [attempt] = attempts;
    if (!attempt) throw new Error('nothing was claimed');
    await report(
      completed({ ...attempt, attempt: 7 }, { summary: 'late' }),
      completed(attempt, { summary: 'current' }),
    );
    const { task, subtask_results } = await ended(taskId);
    expect(task.result.summary).toBe('current');
    expect(subtask_results).toHaveLength(1);
  });

  it('that comes twice is stored once', async () => {
    const { taskId, attempts } = await runningTask('Calculate the first part', 'Calculate the second part');
    const [one, two] = attempts.map((attempt) => completed(attempt));
    if (!one || !two) throw new Error('nothing was claimed');
    await report(one, one);
    await report(one, two, two);
    expect((await ended(taskId)).subtask_results).toHaveLength(2);
  });

  it('with an output over 64 KiB leaves the output in a file and a reference in the row', async () => {
    const { taskId, attempts } = await runningTask();
    const [attempt] = attempts;
    if (!attempt) throw new Error('nothing was claimed');
    const data = { text: 'x'.repeat(70_000) };
    await report(completed(attempt, { summary: 's'.repeat(5_000), data }));
    const { task, subtask_results } = await ended(taskId);
    const file = `results/${attempt.subtask_id}.1.json`;
    expect(subtask_results[0].output).toMatchObject({ file, bytes: expect.any(Number), success: true, data: {} });
    expect(task.result.summary).toHaveLength(2_000);
    const stored = JSON.parse(await readFile(join(service.sharedFiles, taskId, file), 'utf8'));
    expect(stored.data).toEqual(data);
    const { body } = await service.get(`/tasks/${taskId}/files`);
    expect(body.files).toEqual([{ path: file, bytes: subtask_results[0].output.bytes }]);
    expect((await service.app.inject(`/tasks/${taskId}/files/${file}`)).json().data).toEqual(data);
  });

  it('that is malformed is dropped, and those around it are stored', async () => {
    const { taskId, attempts } = await runningTask();
    const poison = [
      { nonsense: true },
      null,
      'text',
      { ...attempts[0], task_id: '../../etc' },
    ] as unknown as AttemptReport[];
    await report(...poison, ...attempts.map((attempt) => completed(attempt)), ...poison);
    await report(...poison);
    expect((await ended(taskId)).task.status).toBe('completed');
  });

  it('with text that PostgreSQL cannot hold is stored all the same', async () => {
    const { taskId, attempts } = await runningTask();
    await report(...attempts.map((attempt) => completed(attempt, { summary: 'a\u0000b', data: { half: '\ud800' } })));
    expect((await ended(taskId)).task.status).toBe('completed');
  });
});

/** A database of which one statement fails, as long as `fails` says so. */
function failing(db: Db, fails: (text: string, params: readonly unknown[]) => Error | null): Db {
  return watchedTransactions(db, (text, params) => {
    const error = fails(text, params);
    if (error) throw error;
  });
}

const sqlError = (code: string) => Object.assign(new Error(`SQLSTATE ${code}`), { code });

describe('when storing fails', () => {
  it('the batch comes again, and nothing is lost', async () => {
    await results.stop();
    let failures = 2;
    const db = failing(service.deps.db, (text) =>
      text.includes('insert into subtask_results') && failures-- > 0 ? sqlError('08006') : null,
    );
    const { taskId, attempts } = await runningTask();
    results = new ResultProcessor({ ...parts(), db });
    results.start();
    await report(...attempts.map((attempt) => completed(attempt)));
    expect((await ended(taskId)).subtask_results).toHaveLength(1);
    expect(failures).toBeLessThan(1);
  });

  it('for the sake of one report, that one is dropped and the others are stored', async () => {
    await results.stop();
    const bad = await runningTask();
    const good = await runningTask();
    const poisoned = bad.attempts[0]?.subtask_id ?? '';
    const db = failing(service.deps.db, (text, params) =>
      text.includes('insert into subtask_results') && String(params[0]).includes(poisoned) ? sqlError('22P05') : null,
    );
    results = new ResultProcessor({ ...parts(), db });
    results.start();
    await report(...[...bad.attempts, ...good.attempts].map((attempt) => completed(attempt)));
    expect((await ended(good.taskId)).task.status).toBe('completed');
    expect((await taskOf(bad.taskId)).task.status).toBe('in_progress');
  });

  it('between the commit and the acknowledgement, the repeated batch changes nothing', async () => {
    await results.stop();
    const { taskId, attempts } = await runningTask();
    const reports = attempts.map((attempt) => completed(attempt, { summary: 'stored before the crash' }));
    await finishAttempts(service.deps.db, reports, Math.random);
    results = new ResultProcessor(parts());
    results.start();
    await report(...reports);
    const [unsummarised] = await listUnsummarised(service.deps.db, 0);
    expect(unsummarised).toBe(taskId);
    results.summarise(taskId);
    results.summarise(taskId);
    const { task, subtask_results } = await ended(taskId);
    expect(task.result.summary).toBe('stored before the crash');
    expect(subtask_results).toHaveLength(1);
  });
});

describe('the summary', () => {
  it('of several subtasks is written by the planner from their outputs, in the order of the plan', async () => {
    let asked: unknown;
    service.planner.summariseWith = async (request) => {
      asked = request;
      return 'both together';
    };
    const { taskId, attempts } = await runningTask('Calculate the first part', 'Calculate the second part');
    await report(...[...attempts].reverse().map((attempt, index) => completed(attempt, { summary: `part ${index}` })));
    const { task } = await ended(taskId);
    expect(task.result.summary).toBe('both together');
    expect(task.result.subtask_results).toHaveLength(2);
    const outputs = task.subtasks.map(({ id, description }: { id: string; description: string }) =>
      expect.objectContaining({ subtask_id: id, description, output: expect.objectContaining({ success: true }) }),
    );
    expect(asked).toEqual({ task_id: taskId, description: DESCRIPTION, results: outputs });
  });

  it('is a plain list when the planner fails', async () => {
    service.planner.summariseWith = () => Promise.reject(new Error('no words today'));
    const { taskId, attempts } = await runningTask('Calculate the first part', 'Calculate the second part');
    await report(...attempts.map((attempt, index) => completed(attempt, { summary: index === 0 ? 'ten' : '' })));
    const { summary } = (await ended(taskId)).task.result;
    expect(summary.split('\n')).toEqual([
      'All 2 subtasks completed.',
      '- Calculate the first part: ten',
      '- Calculate the second part: completed',
    ]);
  });

  it('is a plain list when the planner takes too long', async () => {
    const clock = createManualClock();
    const asked = gate();
    service.planner.summariseWith = (_, signal) => {
      asked.open();
      return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    };
    await results.stop();
    const { taskId, attempts } = await runningTask('Calculate the first part', 'Calculate the second part');
    await finishAttempts(
      service.deps.db,
      attempts.map((attempt) => completed(attempt)),
      Math.random,
    );
    const summarised = summariseTask({ ...parts(), clock }, taskId);
    await asked.passed;
    clock.advance(SUMMARY_MS);
    expect(await summarised).toBe(true);
    expect((await taskOf(taskId)).task.result.summary).toContain('All 2 subtasks completed.');
  });

  it('of one task does not hold up the results of another, and ends when the service stops', async () => {
    const asked = gate<AbortSignal | undefined>();
    service.planner.summariseWith = (_, signal) => {
      asked.open(signal);
      return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    };
    const slow = await runningTask('Calculate the first part', 'Calculate the second part');
    await report(...slow.attempts.map((attempt) => completed(attempt)));
    const signal = await asked.passed;
    const quick = await runningTask();
    await report(...quick.attempts.map((attempt) => completed(attempt)));
    expect((await ended(quick.taskId)).task.status).toBe('completed');
    await results.stop();
    expect(signal?.aborted).toBe(true);
    expect((await taskOf(slow.taskId)).task.status).toBe('in_progress');
    service.planner.summariseWith = async () => 'written after the restart';
    expect(await summariseTask(parts(), slow.taskId)).toBe(true);
    expect(await summariseTask(parts(), slow.taskId)).toBe(false);
    expect((await taskOf(slow.taskId)).task.result.summary).toBe('written after the restart');
  });

  it('is not written for a task that is not done, or is none', async () => {
    const { taskId } = await runningTask();
    expect(await summariseTask(parts(), taskId)).toBe(false);
    expect(await summariseTask(parts(), 'task_unknown')).toBe(false);
  });
});

describe('finished work', () => {
  it('is found by its words, with the text files that were written meanwhile', async () => {
    const { taskId, attempts } = await runningTask();
    const output = join(service.sharedFiles, taskId, 'output');
    await mkdir(output, { recursive: true });
    await writeFile(join(output, 'report.md'), 'The zeppelin flies tonight');
    await writeFile(join(output, 'picture.bin'), Buffer.from([0, 1, 2]));
    await report(...attempts.map((attempt) => completed(attempt, { summary: 'The zeppelin is ready' })));
    const search = async () => (await service.get('/search?user_id=ada&query=zeppelin')).body.results;
    await vi.waitFor(async () => expect(await search()).toHaveLength(2));
    const sources = (await search()).map((hit: { source: string }) => hit.source);
    expect(sources.sort()).toEqual(['file:output/report.md', `result:${attempts[0]?.subtask_id}`]);
    expect((await service.get('/search?user_id=bob&query=zeppelin')).body.results).toEqual([]);
  });

  it('is kept when it cannot be indexed', async () => {
    await results.stop();
    const db: Db = Object.assign(Object.create(service.deps.db), {
      query: (text: string, params?: readonly unknown[]) =>
        text.includes('search_documents') ? Promise.reject(sqlError('57014')) : service.deps.db.query(text, params),
    });
    const { taskId, attempts } = await runningTask();
    results = new ResultProcessor({ ...parts(), db });
    results.start();
    await report(...attempts.map((attempt) => completed(attempt)));
    expect((await ended(taskId)).task.status).toBe('completed');
  });
});

describe('agent logs', () => {
  const line = {
    agent_id: 'agent_7',
    task_id: 'task_1',
    subtask_id: 'subtask_1',
    attempt: 1,
    level: 'INFO' as const,
    message: 'calls run_code',
    metadata: { tool: 'run_code' },
    time: '2030-01-01T00:00:00.000Z',
  };

  it('are stored and read back, malformed ones aside', async () => {
    const { bus, db, logger, clock } = service.deps;
    const logs = createLogsIntake({ bus, db, logger, clock, stopping: new AbortController().signal });
    logs.start();
    const poison = { ...line, level: 'LOUD' } as unknown as typeof line;
    await bus.publish('agent_logs', [line, poison, { ...line, level: 'ERROR' as never, message: 'it broke' }]);
    const read = async (query: string) => (await service.get(`/logs?agent_id=agent_7&${query}`)).body.logs;
    await vi.waitFor(async () => expect(await read('')).toHaveLength(2));
    expect(await read('level=WARN')).toMatchObject([{ message: 'it broke' }]);
    expect(await read('text=RUN_CODE')).toMatchObject([line]);
    await logs.stop();
  });
});
