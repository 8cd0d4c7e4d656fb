import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graph } from '../../tests/support/plans.ts';
import {
  claim,
  claimOne,
  complete,
  completed,
  endBackOffs,
  eventTypes,
  fail,
  failed,
  openStore,
  startTask,
  subtaskStatuses,
} from '../../tests/support/store.ts';
import { ERRORS, FAILURE_CODES } from '../domain/errors.ts';
import { finishAttempts } from './attempts.ts';
import type { Db } from './db.ts';
import { listEvents } from './events.ts';
import { findReady } from './ready-list.ts';
import { releaseSubtasks } from './subtasks.ts';
import { getTask } from './task-views.ts';
import { cancelTask, retryTask } from './tasks.ts';

let db: Db;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());

const half = () => 0.5;
const finish = (...reports: Parameters<typeof finishAttempts>[1]) => finishAttempts(db, reports, half);
const keyOf = (id: string, attempt = 1) => expect.objectContaining({ subtask_id: id, attempt });

describe('an attempt that completed', () => {
  it('stores its result, ends the subtask and readies what waited for it alone', async () => {
    const { id, subtasks } = await startTask(db, graph([], [0], [0, 1]));
    const report = completed(await claimOne(db, subtasks[0]!), { data: { n: 1 } });
    expect(await finish(report)).toEqual({
      accepted: [report],
      superseded: [],
      unblocked: [expect.objectContaining({ id: subtasks[1], task_id: id, due_in_ms: 0 })],
      retried: [],
      stopped: [],
      toSummarise: [],
      failed: [],
    });
    const whole = (await getTask(db, id))!;
    expect(whole.subtasks.map((one) => one.status)).toEqual(['completed', 'ready', 'pending']);
    expect(whole.subtasks[0]).toMatchObject({ deadline_at: null, error: null, finished_at: expect.any(String) });
    expect(whole.results).toEqual([
      {
        task_id: id,
        subtask_id: subtasks[0],
        attempt: 1,
        agent_id: 'agent_1',
        status: 'completed',
        output: { success: true, summary: 'done', data: { n: 1 } },
        error: null,
        error_code: null,
        execution_time: 1.5,
        input_tokens: 100,
        output_tokens: 20,
        cost_usd: 0.01,
        turns: 2,
        created_at: expect.stringMatching(/Z$/),
      },
    ]);
    expect((await eventTypes(db, id)).slice(-2)).toEqual(['subtask.completed', 'subtask.ready']);
  });

  it('asks for the summary when it was the last', async () => {
    const { id, subtasks } = await startTask(db, graph([], []));
    await complete(db, subtasks[0]!);
    const last = completed(await claimOne(db, subtasks[1]!));
    expect(await finish(last)).toMatchObject({ toSummarise: [id], failed: [] });
    expect((await getTask(db, id))!.task.status).toBe('in_progress');
  });

  it('clears the error of an earlier failure', async () => {
    const { id, subtasks } = await startTask(db);
    await finish(failed(await claimOne(db, subtasks[0]!), 'crashed'));
    await endBackOffs(db);
    await finish(completed(await claimOne(db, subtasks[0]!)));
    expect((await getTask(db, id))!.subtasks[0]).toMatchObject({
      status: 'completed',
      error: null,
      attempt: 2,
      failures: 1,
    });
  });

  it('may carry what jsonb cannot hold: it is stored with replacement characters', async () => {
    const { id, subtasks } = await startTask(db);
    const output = { summary: 'a\u0000b', data: { 'k\u0000': ['\ud83d', '\\u0000', 'fine 😀'] } };
    expect(await finish(completed(await claimOne(db, subtasks[0]!), output))).toMatchObject({
      accepted: [keyOf(subtasks[0]!)],
    });
    expect((await getTask(db, id))!.results[0]!.output).toEqual({
      success: true,
      summary: 'a\ufffdb',
      data: { 'k\ufffd': ['\ufffd', '\\u0000', 'fine 😀'] },
    });
  });

  it('readies the join of a diamond once, whether its branches end together or apart', async () => {
    const together = await startTask(db, graph([], [0], [0], [1, 2]));
    await complete(db, together.subtasks[0]!);
    const branches = await claim(db, together.subtasks.slice(1, 3));
    const { unblocked } = await finish(...branches.map((one) => completed(one)));
    expect(unblocked.map((row) => row.id)).toEqual([together.subtasks[3]]);
    const apart = await startTask(db, graph([], [0], [0], [1, 2]));
    await complete(db, ...apart.subtasks.slice(0, 3));
    for (const { id } of [together, apart]) {
      expect(await subtaskStatuses(db, id)).toEqual(['completed', 'completed', 'completed', 'ready']);
      expect((await eventTypes(db, id)).filter((type) => type === 'subtask.ready')).toHaveLength(4);
    }
  });
});

describe('an attempt that failed', () => {
  it('for a passing reason is tried again after a back-off, with the failure on record', async () => {
    const { id, subtasks } = await startTask(db);
    const outcome = await finish(failed(await claimOne(db, subtasks[0]!), 'crashed'));
    expect(outcome).toMatchObject({ unblocked: [], retried: subtasks, failed: [], toSummarise: [] });
    const {
      subtasks: [subtask],
      results,
    } = (await getTask(db, id))!;
    expect(subtask).toMatchObject({
      status: 'ready',
      failures: 1,
      error: 'it was crashed',
      deadline_at: null,
      finished_at: null,
    });
    expect(Date.parse(subtask!.due_at!) - Date.parse(subtask!.updated_at)).toBe(750);
    expect(results).toMatchObject([{ status: 'failed', error: 'it was crashed', error_code: 'crashed', output: null }]);
    const last = (await listEvents(db, id, { after: 3, limit: 9 })).at(-1)!;
    expect(last).toMatchObject({
      type: 'subtask.retry_scheduled',
      data: { delay_ms: 750, attempt: 1, error_code: 'crashed' },
    });
    expect((await findReady(db, subtasks))[0]!.due_in_ms).toBeGreaterThan(0);
  });

  it('is given up with the third failure', async () => {
    const { id, subtasks } = await startTask(db);
    for (const expected of ['ready', 'ready', 'failed']) {
      await endBackOffs(db);
      await finish(failed(await claimOne(db, subtasks[0]!), 'timeout'));
      expect(await subtaskStatuses(db, id)).toEqual([expected]);
    }
    expect((await getTask(db, id))!.results.map((result) => result.attempt)).toEqual([1, 2, 3]);
    expect((await getTask(db, id))!.task).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('it was timeout'),
    });
  });

  it('is not counted against a subtask that was handed back', async () => {
    const { id, subtasks } = await startTask(db);
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      await claimOne(db, subtasks[0]!);
      await releaseSubtasks(db, [{ subtask_id: subtasks[0]!, attempt }], 0);
    }
    await finish(failed(await claimOne(db, subtasks[0]!), 'crashed'));
    expect((await getTask(db, id))!.subtasks[0]).toMatchObject({ status: 'ready', failures: 1, attempt: 6 });
  });

  it.each(FAILURE_CODES)('with %s is tried again exactly when the catalogue says so', async (code) => {
    const { id, subtasks } = await startTask(db);
    await finish(failed(await claimOne(db, subtasks[0]!), code));
    expect(await subtaskStatuses(db, id)).toEqual([ERRORS[code].retryable ? 'ready' : 'failed']);
  });

  it('blocks everything downstream, while other branches run to their end; then the task fails', async () => {
    const { id, subtasks } = await startTask(db, graph([], [0], [1], [], [3], [2, 4]));
    expect(await finish(failed(await claimOne(db, subtasks[0]!)))).toMatchObject({ failed: [], toSummarise: [] });
    expect(await subtaskStatuses(db, id)).toEqual(['failed', 'blocked', 'blocked', 'ready', 'pending', 'blocked']);
    expect((await eventTypes(db, id)).slice(-4)).toEqual([
      'subtask.failed',
      'subtask.blocked',
      'subtask.blocked',
      'subtask.blocked',
    ]);
    await complete(db, subtasks[3]!);
    const last = completed(await claimOne(db, subtasks[4]!));
    expect(await finish(last)).toMatchObject({ unblocked: [], retried: [], failed: [id], toSummarise: [] });
    expect(await subtaskStatuses(db, id)).toEqual([
      'failed',
      'blocked',
      'blocked',
      'completed',
      'completed',
      'blocked',
    ]);
    expect((await getTask(db, id))!.task).toMatchObject({
      status: 'failed',
      error: `subtask 0 (${subtasks[0]}) failed: it was unsuccessful`,
      result: null,
      finished_at: expect.any(String),
    });
    expect((await eventTypes(db, id)).at(-1)).toBe('task.failed');
  });

  it('is told of in the error of the task, with every other one, in the order of the plan', async () => {
    const { id, subtasks } = await startTask(db, graph([], []));
    await fail(db, subtasks[1]!);
    await fail(db, subtasks[0]!);
    expect((await getTask(db, id))!.task.error).toBe(
      `subtask 0 (${subtasks[0]}) failed: it was unsuccessful; subtask 1 (${subtasks[1]}) failed: it was unsuccessful`,
    );
  });

  it('tells of what it blocks in the order of the graph, whatever the order of the plan', async () => {
    const { id, subtasks } = await startTask(db, graph([1], [2], [3], [4], [5], [6], []));
    const claimed = await claimOne(db, subtasks[6]!);
    // One of the ways to join that a larger table may bring: this one returns the rows in the order of their ids.
    await db.script('set enable_nestloop = off; set enable_hashjoin = off');
    await finish(failed(claimed, 'unsuccessful'));
    await db.script('reset enable_nestloop; reset enable_hashjoin');
    const events = await listEvents(db, id, { after: 0, limit: 100 });
    const blocked = events.filter((event) => event.type === 'subtask.blocked').map((event) => event.subtask_id);
    expect(blocked).toEqual(subtasks.slice(0, 6).reverse());
  });

  it('blocks a step that would else become ready through another report of the same batch', async () => {
    const { id, subtasks } = await startTask(db, graph([], [], [0, 1]));
    const [first, second] = await claim(db, subtasks.slice(0, 2));
    expect(await finish(completed(first!), failed(second!))).toMatchObject({
      unblocked: [],
      retried: [],
      failed: [id],
    });
    expect((await subtaskStatuses(db, id)).at(-1)).toBe('blocked');
  });

  it('can be retried by a person, and complete', async () => {
    const { id, subtasks } = await startTask(db, graph([], [0]));
    await fail(db, subtasks[0]!);
    await retryTask(db, id);
    await complete(db, ...subtasks);
    expect(await subtaskStatuses(db, id)).toEqual(['completed', 'completed']);
  });
});

describe('a report that is not current', () => {
  /** Nothing that the API shows of the task changes. */
  async function expectUnchanged(id: string, report: ReturnType<typeof completed>) {
    const before = [await getTask(db, id), await eventTypes(db, id)];
    expect(await finish(report)).toEqual({
      accepted: [],
      superseded: [report],
      unblocked: [],
      retried: [],
      stopped: [],
      toSummarise: [],
      failed: [],
    });
    expect([await getTask(db, id), await eventTypes(db, id)]).toEqual(before);
  }

  it('changes nothing when it comes again', async () => {
    const { id, subtasks } = await startTask(db, graph([], [0]));
    const report = completed(await claimOne(db, subtasks[0]!));
    await finish(report);
    await expectUnchanged(id, report);
  });

  it('changes nothing when it comes twice in one batch: the first one counts', async () => {
    const { id, subtasks } = await startTask(db);
    const claimed = await claimOne(db, subtasks[0]!);
    const reports = [completed(claimed), failed(claimed)] as const;
    expect(await finish(...reports)).toMatchObject({ accepted: [reports[0]], superseded: [reports[1]] });
    expect((await getTask(db, id))!.results).toHaveLength(1);
    expect(await subtaskStatuses(db, id)).toEqual(['completed']);
  });

  it('changes nothing when its attempt was superseded', async () => {
    const { id, subtasks } = await startTask(db);
    const old = await claimOne(db, subtasks[0]!);
    await releaseSubtasks(db, [{ subtask_id: old.id, attempt: old.attempt }], 0);
    await expectUnchanged(id, completed(old));
    await claimOne(db, subtasks[0]!, 'agent_2');
    await expectUnchanged(id, completed(old));
  });

  it('changes nothing when it names another task, or a subtask that does not exist', async () => {
    const { id, subtasks } = await startTask(db);
    const other = await startTask(db);
    const report = completed(await claimOne(db, subtasks[0]!));
    await expectUnchanged(id, { ...report, task_id: other.id });
    await expectUnchanged(id, { ...report, subtask_id: 'subtask_none' });
    await expectUnchanged(id, { ...report, attempt: 2 });
  });

  it('changes nothing in a cancelled task', async () => {
    const { id, subtasks } = await startTask(db, graph([], [0]));
    const claimed = await claimOne(db, subtasks[0]!);
    await cancelTask(db, id);
    await expectUnchanged(id, completed(claimed));
    await expectUnchanged(id, failed(claimed, 'crashed'));
  });

  it('does not keep the others of its batch from counting', async () => {
    const { subtasks } = await startTask(db, graph([], [], []));
    const [a, b, c] = await claim(db, subtasks);
    const stale = { ...completed(b!), attempt: 7 };
    const batch = await finish(completed(a!), stale, completed(c!));
    expect(batch.accepted.map((key) => key.subtask_id)).toEqual([a!.id, c!.id]);
    expect(batch.superseded).toEqual([stale]);
  });
});

describe('a batch', () => {
  it('may be empty', async () => {
    expect(await finish()).toEqual({
      accepted: [],
      superseded: [],
      unblocked: [],
      retried: [],
      stopped: [],
      toSummarise: [],
      failed: [],
    });
  });

  it('ends attempts of several tasks at once, each to its own end', async () => {
    const good = await startTask(db, graph([], []));
    const bad = await startTask(db, graph([], [0]));
    const retried = await startTask(db);
    const [a, b] = await claim(db, good.subtasks);
    const [c] = await claim(db, bad.subtasks);
    const [d] = await claim(db, retried.subtasks);
    const batch = await finish(completed(a!), completed(b!), failed(c!), failed(d!, 'agent_lost'));
    expect(batch).toMatchObject({ toSummarise: [good.id], failed: [bad.id], retried: retried.subtasks });
    expect(batch.accepted).toHaveLength(4);
  });

  it('that cannot be stored whole is not stored at all', async () => {
    const { id, subtasks } = await startTask(db, graph([], []));
    const [a, b] = await claim(db, subtasks);
    const impossible = { ...completed(b!), usage: { ...completed(b!).usage, execution_time: 0 } };
    const before = await getTask(db, id);
    await expect(finish(completed(a!), impossible)).rejects.toMatchObject({ code: '23514' });
    expect(await getTask(db, id)).toEqual(before);
  });

  it('ends a fan of 1,000 in one transaction', async () => {
    const { id, subtasks } = await startTask(db, graph([], ...Array.from({ length: 1_000 }, () => [0])));
    await complete(db, subtasks[0]!);
    const claimed = await claim(db, subtasks.slice(1));
    expect(await finish(...claimed.map((one) => completed(one)))).toMatchObject({ toSummarise: [id] });
    expect((await getTask(db, id))!.results).toHaveLength(1_001);
  });
});
