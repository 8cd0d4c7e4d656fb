// A million finished tasks later: every statement that the store makes finds its rows by an index and touches few blocks.
// Nothing is timed: plans and blocks are the same on a busy machine. GROWTH_TASKS sets the size.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentLog } from '../../src/domain/log.ts';
import { createLogger } from '../../src/log.ts';
import { findStrays } from '../../src/scheduler/strays.ts';
import * as activity from '../../src/store/activity.ts';
import * as attemptRows from '../../src/store/attempt-rows.ts';
import * as attempts from '../../src/store/attempts.ts';
import type { Db } from '../../src/store/db.ts';
import { openPg } from '../../src/store/db-pg.ts';
import * as dependents from '../../src/store/dependents.ts';
import * as events from '../../src/store/events.ts';
import { newId } from '../../src/store/ids.ts';
import * as leases from '../../src/store/leases.ts';
import * as logTail from '../../src/store/log-tail.ts';
import * as logs from '../../src/store/logs.ts';
import { migrate } from '../../src/store/migrate.ts';
import { LOOK_MAX } from '../../src/store/pages.ts';
import * as plannedTasks from '../../src/store/planned-tasks.ts';
import * as purses from '../../src/store/purses.ts';
import * as readyList from '../../src/store/ready-list.ts';
import * as retention from '../../src/store/retention.ts';
import * as search from '../../src/store/search.ts';
import * as subtaskDetail from '../../src/store/subtask-detail.ts';
import * as subtasks from '../../src/store/subtasks.ts';
import * as taskCompletion from '../../src/store/task-completion.ts';
import * as taskEnds from '../../src/store/task-ends.ts';
import * as taskGraph from '../../src/store/task-graph.ts';
import * as taskViews from '../../src/store/task-views.ts';
import * as tasks from '../../src/store/tasks.ts';
import * as unplannedTasks from '../../src/store/unplanned-tasks.ts';
import { agent } from '../support/agents.ts';
import {
  blocksOf,
  type Explained,
  explaining,
  metered,
  nodesOf,
  type PlanNode,
  rowsInto,
} from '../support/explained-db.ts';
import { fill, GONE_AGENT, GONE_USER, HEAVY_USER } from '../support/grown-database.ts';
import { graph } from '../support/plans.ts';
import { freshPostgres } from '../support/servers.ts';
import { claim, completed, failed, LEADER, type StartedTask, startTask } from '../support/store.ts';

const SIZE = Number(process.env.GROWTH_TASKS ?? (process.env.CI === 'true' ? 1_000_000 : 100_000));
const FILL_MS = 300_000;

const BIG = ['tasks', 'subtasks', 'dependencies', 'subtask_results', 'events', 'agent_logs', 'search_documents'];
const BLOCKS_MAX = 500;
/** A page of 50 tasks reads the subtasks and results of each, by an index three or four blocks deep. */
const PAGE_BLOCKS_MAX = 1_000;
/** Words in a text have no index: a page looks at LOOK_MAX rows, which may lie in as many blocks. */
const LOOK_BLOCKS_MAX = LOOK_MAX * 1.2;
/** The numbers of a week are read from an index: some hundred entries a block, and the table where it is not vacuumed. */
const WINDOW_BLOCKS_MAX = 10_000;
/** Pruning takes a batch of 100 tasks, or 5,000 lines, with all their index entries. */
const BATCH_BLOCKS_MAX = 60_000;
/** Two subtasks, from the request to the summary: 11 transactions. */
const TASK_BLOCKS_MAX = 1_500;
/** Rows that one step of a plan may sort or add up. */
const ROWS_MAX = LOOK_MAX;

const server = await freshPostgres('growth');
let db: Db;
let old: { id: string; user_id: string; created_at: string; subtask_id: string };

describe.skipIf(!server)(`with ${SIZE.toLocaleString('en')} finished tasks`, () => {
  beforeAll(async () => {
    db = await openPg({ url: server?.url ?? '', logger: createLogger('silent') });
    await migrate(db);
    await fill(db, SIZE);
    // From the middle of the list.
    [old] = (await db.query<typeof old>(
      `select t.id, t.user_id, t.created_at, s.id as subtask_id from tasks t join subtasks s on s.task_id = t.id
       where t.created_at < now() - interval '30 days' order by t.created_at desc limit 1`,
    )) as [typeof old];
  }, FILL_MS);
  afterAll(async () => {
    await db?.close();
    await server?.drop();
  }, FILL_MS);

  describe('a page of tasks', () => {
    const list = (filter: Partial<taskViews.TaskFilter>) => (db: Db) =>
      taskViews.listTasks(db, { limit: 50, ...filter });
    /** The page after one in the middle of the list. */
    const further = (filter: Partial<taskViews.TaskFilter>) => async (db: Db) => {
      const before = await list({ ...filter, created_before: old.created_at })(db);
      expect(before.next_cursor).not.toBeNull();
      return list({ ...filter, cursor: before.next_cursor ?? undefined })(db);
    };
    it.each<[string, (db: Db) => Promise<unknown>]>([
      ['of all', list({})],
      ['of all, further back', further({})],
      ['of a user with half a million', list({ user_id: HEAVY_USER })],
      ['of such a user, further back', further({ user_id: HEAVY_USER })],
      ['of a user who left long ago', list({ user_id: GONE_USER })],
      ['of a user with a few', list({ user_id: 'user_77' })],
      ['of a user without any', list({ user_id: 'nobody' })],
      ['of the commonest status', list({ status: 'completed' })],
      ['of the commonest status, further back', further({ status: 'completed' })],
      ['of a status that only the oldest have', list({ status: 'cancelled' })],
      ['of a status that none has', list({ status: 'in_progress' })],
      ['of a user and a rare status', list({ user_id: HEAVY_USER, status: 'cancelled' })],
      ['of a user and a status, further back', further({ user_id: HEAVY_USER, status: 'completed' })],
      ['oldest first', list({ sort: 'oldest' })],
      ['oldest first, further on', further({ sort: 'oldest' })],
      ['of the commonest status, oldest first', list({ sort: 'oldest', status: 'completed' })],
      ['of a user who left long ago, oldest first', list({ sort: 'oldest', user_id: GONE_USER })],
      ['of two rare statuses', list({ status: ['cancelled', 'in_progress'] })],
      [
        'of every status, further back',
        further({ status: ['pending', 'in_progress', 'completed', 'failed', 'cancelled'] }),
      ],
      [
        'of two statuses of a user, oldest first',
        list({ sort: 'oldest', user_id: HEAVY_USER, status: ['failed', 'cancelled'] }),
      ],
      ['since an instant', (db) => list({ created_after: old.created_at })(db)],
      ['before an instant', (db) => list({ created_before: old.created_at })(db)],
      [
        'of a user between two instants',
        (db) =>
          list({ user_id: HEAVY_USER, created_after: '2000-01-01T00:00:00Z', created_before: old.created_at })(db),
      ],
    ])('%s', (_, run) => expectCheap(run, PAGE_BLOCKS_MAX));

    it.each<[string, Partial<taskViews.TaskFilter>]>([
      ['that nothing has', { text: 'zebra' }],
      ['that everything has', { text: 'WHOLE' }],
      ['that nothing of a user has', { text: 'zebra', user_id: HEAVY_USER, status: 'completed' }],
    ])('with words %s', (_, filter) => expectCheap(list(filter), LOOK_BLOCKS_MAX));
  });

  describe('a page of log lines', () => {
    const list = (filter: Partial<logs.LogFilter>) => (db: Db) => logs.listLogs(db, { limit: 50, ...filter });
    it.each<[string, (db: Db) => Promise<unknown>]>([
      ['of all', list({})],
      ['of an agent', list({ agent_id: 'agent_7' })],
      ['of an agent that left long ago', list({ agent_id: GONE_AGENT })],
      ['of an agent that never was', list({ agent_id: 'agent_none' })],
      ['of a task', (db) => list({ task_id: old.id })(db)],
      ['of a subtask', (db) => list({ subtask_id: old.subtask_id })(db)],
      ['of a task and a subtask', (db) => list({ task_id: old.id, subtask_id: old.subtask_id })(db)],
      ['before an instant', (db) => list({ before: old.created_at })(db)],
      [
        'after a cursor',
        async (db) => {
          const { next_cursor } = await list({ before: old.created_at })(db);
          return list({ cursor: next_cursor ?? undefined })(db);
        },
      ],
    ])('%s', (_, run) => expectCheap(run));

    it.each<[string, Partial<logs.LogFilter>]>([
      ['with words that none has', { text: 'zebra' }],
      ['that are errors', { level: 'ERROR' }],
      ['that are warnings or errors', { level: 'WARN' }],
      ['that are errors of an agent', { agent_id: 'agent_7', level: 'ERROR' }],
    ])('%s', (_, filter) => expectCheap(list(filter), LOOK_BLOCKS_MAX));
  });

  /** Every attempt and task of a window is looked at, in an index alone. */
  it.each([1, 24, 168])('the numbers of %i hours', async (hours) => {
    const from = new Date(Date.now() - hours * 3_600_000).toISOString();
    for (const count of [activity.countEndedAttempts, activity.countEndedTasks])
      await expectIndexed((db: Db) => count(db, { from, bucketSeconds: 60 * hours }), WINDOW_BLOCKS_MAX);
  });

  it('the attempts of a day, by agent', () => expectIndexed(activity.countEndsByAgent, WINDOW_BLOCKS_MAX));

  it('searching words that are in every document, in some, in few, in none', async () => {
    for (const query of ['report', 'invoice', 'zebra', 'zebra report', 'giraffe', 'the'])
      for (const user_id of [HEAVY_USER, 'user_77', 'nobody'])
        await expectCheap((db: Db) => search.searchDocuments(db, { user_id, query, limit: 10 }), LOOK_BLOCKS_MAX);
  });

  describe('every other function of the store:', () => {
    let small: StartedTask;
    let running: subtasks.ClaimedSubtask[];
    const random = () => 0;
    const newTask = { description: 'A task of a test', user_id: HEAVY_USER };
    const withKey = { ...newTask, idempotency: { key: 'once', request_hash: 'x' } };
    const plan = { plan: graph([], [0], [0], [1, 2]), source: 'given' } as const;
    const options = { lease: LEADER, timeoutMs: 60_000 };
    const claims = (ids: readonly string[]) =>
      ids.map((subtask_id) => ({ subtask_id, agent_id: 'agent_1', agent_instance: 'agent_1_instance' }));

    // In the order of a task's life; each step leaves the rows that the next one moves.
    const steps: [called: unknown, run: (db: Db) => Promise<unknown>][] = [
      [leases.endLeases, (db) => leases.endLeases(db, new Date(0))],
      [leases.holdLease, (db) => leases.holdLease(db, LEADER, 600_000)],
      [tasks.createTask, (db) => tasks.createTask(db, withKey, 0)],
      [tasks.createTask, (db) => tasks.createTask(db, withKey, 0)],
      [unplannedTasks.claimGiven, (db) => unplannedTasks.claimGiven(db, 60_000)],
      [unplannedTasks.claimUnplanned, (db) => unplannedTasks.claimUnplanned(db, 60_000)],
      [
        tasks.savePlan,
        async (db) => {
          const { id } = await tasks.createTask(db, newTask, 0);
          await unplannedTasks.renewPlanning(db, [{ id, until: null }], 60_000);
          await tasks.savePlan(db, id, plan);
          const whole = await taskViews.getTask(db, id);
          small = { id, subtasks: whole!.subtasks.map((subtask) => subtask.id) };
        },
      ],
      [unplannedTasks.renewPlanning, (db) => unplannedTasks.renewPlanning(db, [{ id: small.id, until: null }], 60_000)],
      [taskViews.getTask, (db) => taskViews.getTask(db, old.id)],
      [taskViews.getTaskStatus, (db) => taskViews.getTaskStatus(db, old.id)],
      [taskViews.findListed, (db) => taskViews.findListed(db, [old.id, small.id])],
      [taskViews.listOpenMarks, (db) => taskViews.listOpenMarks(db)],
      [taskGraph.getTaskGraph, (db) => taskGraph.getTaskGraph(db, old.id)],
      [subtaskDetail.getSubtask, (db) => subtaskDetail.getSubtask(db, { task_id: old.id, subtask_id: old.subtask_id })],
      [readyList.listReady, (db) => readyList.listReady(db, { offered: [['data_analysis']], limit: 1_000 })],
      [readyList.findReady, (db) => readyList.findReady(db, [...small.subtasks, old.subtask_id])],
      [
        subtasks.claimSubtasks,
        async (db) => {
          const claimed = await subtasks.claimSubtasks(db, claims(small.subtasks), options);
          running = claimed.outcome === 'claimed' ? claimed.subtasks : [];
          expect(running).toHaveLength(1);
        },
      ],
      [subtasks.listRunning, (db) => subtasks.listRunning(db)],
      [findStrays, (db) => findStrays(db, [{ ...agent(), running: [{ subtask_id: old.subtask_id, attempt: 1 }] }], [])],
      [
        subtasks.releaseSubtasks,
        async (db) => {
          const releases = running.map(({ id, attempt }) => ({ subtask_id: id, attempt }));
          expect(await subtasks.releaseSubtasks(db, releases, 0)).toHaveLength(1);
        },
      ],
      [
        attempts.finishAttempts,
        async (db) => {
          const again = await claim(db, [small.subtasks[0]!]);
          await attempts.finishAttempts(
            db,
            again.map((one) => failed(one, 'crashed')),
            random,
          );
          await db.query('update subtasks set due_at = null where id = $1', [small.subtasks[0]]);
          await attempts.finishAttempts(
            db,
            (await claim(db, [small.subtasks[0]!])).map((one) => completed(one)),
            random,
          );
          const both = await claim(db, small.subtasks.slice(1, 3));
          const ended = await attempts.finishAttempts(db, [completed(both[0]!), failed(both[1]!)], random);
          expect(ended.failed).toEqual([small.id]);
        },
      ],
      [tasks.retryTask, (db) => tasks.retryTask(db, small.id)],
      [
        plannedTasks.createPlanned,
        (db) =>
          plannedTasks.createPlanned(db, [
            { id: newId('task'), description: 'A task with its plan', user_id: HEAVY_USER, plan: graph([], [0]) },
          ]),
      ],
      [taskViews.getTaskOwner, (db) => taskViews.getTaskOwner(db, old.id)],
      [taskCompletion.listSummaryPieces, (db) => taskCompletion.listSummaryPieces(db, [small.id])],
      [
        taskCompletion.completeTask,
        async (db) => {
          const open = small.subtasks.slice(1);
          for (const id of open)
            await attempts.finishAttempts(
              db,
              (await claim(db, [id])).map((one) => completed(one)),
              random,
            );
          expect(await tasks.listUnsummarised(db, 0)).toContain(small.id);
          expect(await taskCompletion.completeTask(db, small.id, 'it is done')).toBe(true);
        },
      ],
      [readyList.findReadyOf, (db) => readyList.findReadyOf(db, [small.id], 200)],
      [purses.addPlannerTokens, (db) => purses.addPlannerTokens(db, small.id, { input_tokens: 5, output_tokens: 1 })],
      [
        purses.shareOut,
        async (db) => {
          const paid = await startTask(db, graph([], [], [0]), { budget_usd: 0.03 });
          const [first] = await claim(db, paid.subtasks.slice(0, 2));
          const dear = { ...completed(first!), usage: { ...completed(first!).usage, cost_usd: 0.03 } };
          expect(await attempts.finishAttempts(db, [dear], random)).toMatchObject({ failed: [paid.id] });
          expect(await tasks.retryTask(db, paid.id)).toMatchObject({ outcome: 'spent' });
        },
      ],
      [tasks.listUnsummarised, (db) => tasks.listUnsummarised(db, 0)],
      [tasks.cancelTask, async (db) => tasks.cancelTask(db, (await startTask(db)).id)],
      [activity.countOpenTasks, (db) => activity.countOpenTasks(db)],
      [activity.countOpenSubtasks, (db) => activity.countOpenSubtasks(db)],
      [activity.countReady, (db) => activity.countReady(db)],
      [activity.countRunning, (db) => activity.countRunning(db)],
      [activity.listWork, (db) => activity.listWork(db)],
      [logTail.lastLogId, (db) => logTail.lastLogId(db)],
      [
        logTail.readTail,
        (db) =>
          logTail.readTail(db, { agent_id: GONE_AGENT, level: 'ERROR', text: 'zebra' }, { after: 7, missing: [3, 5] }),
      ],
      [events.listEvents, (db) => events.listEvents(db, old.id, { after: 2, limit: 500 })],
      [
        logs.insertLogs,
        (db) =>
          logs.insertLogs(
            db,
            Array.from({ length: 10 }, () => logLine),
          ),
      ],
      [
        search.indexDocuments,
        (db) => search.indexDocuments(db, [{ task_id: small.id, source: 'file:a', title: 'a', body: 'some words' }]),
      ],
      [leases.releaseLease, (db) => leases.releaseLease(db, { name: 'other', holder: 'nobody' })],
    ];
    it.each(steps.map(([called, run]) => [(called as { name: string }).name, run] as const))('%s', (_, run) =>
      expectCheap(run),
    );

    it('prune, with years to forget', async () => {
      const forget = (keep: Partial<retention.KeepDays>) => (db: Db) =>
        retention.prune(db, { tasks: null, events: null, logs: null, ...keep }, async () => undefined);
      for (const keep of [{ tasks: 30 }, { events: 30 }, { logs: 30 }])
        await expectCheap(forget(keep), BATCH_BLOCKS_MAX);
      const blocks = await blocksWith(async (db) => {
        expect(await forget({ tasks: 30, events: 30, logs: 30 })(db)).toMatchObject({ tasks: 100, more: true });
      });
      expect(blocks).toBeLessThan(BATCH_BLOCKS_MAX);
    });

    it('none was forgotten here', () => {
      const called = new Set<unknown>(steps.map(([fn]) => fn));
      const elsewhere: unknown[] = [
        taskViews.listTasks,
        logs.listLogs,
        search.searchDocuments,
        retention.prune,
        activity.countEndedAttempts,
        activity.countEndedTasks,
        activity.countEndsByAgent,
      ];
      const inside: unknown[] = [
        ...[events.appendEvents, purses.lockTasks, purses.lockTasksOf, purses.dropReservations, purses.holds],
        ...[taskEnds.countDown, taskEnds.endUnpaid, taskEnds.failTasks, leases.guardLease, logs.levelsFrom],
        taskViews.readTaskRow,
        ...[taskCompletion.completeTasks, tasks.findRepeated, attemptRows.insertResults, attemptRows.moveSubtasks],
        ...[dependents.blockDownstream, dependents.unblockDependents],
      ];
      const modules = [
        ...[activity, attempts, events, leases, logTail, logs, purses, retention, search, subtaskDetail, subtasks],
        ...[taskCompletion, taskEnds, taskGraph, plannedTasks, unplannedTasks, dependents, attemptRows, readyList],
      ];
      const offered = [...modules, tasks, taskViews].flatMap((module) =>
        Object.values<unknown>(module).filter((value) => typeof value === 'function'),
      );
      const missing = offered.filter((fn) => ![...called, ...elsewhere, ...inside].includes(fn));
      expect(missing).toEqual([]);
    });
  });

  it('a whole little task touches as few blocks as ever', async () => {
    const blocks = await blocksWith(async (db) => {
      const task = await startTask(db, graph([], [0]), { user_id: HEAVY_USER });
      for (const id of task.subtasks)
        await attempts.finishAttempts(
          db,
          (await claim(db, [id])).map((one) => completed(one)),
          () => 0,
        );
      expect(await taskCompletion.completeTask(db, task.id, 'it is done')).toBe(true);
    });
    expect(blocks).toBeLessThan(TASK_BLOCKS_MAX);
  });
});

const logLine: AgentLog = {
  agent_id: 'agent_1',
  task_id: 'task_a',
  subtask_id: 'subtask_a',
  attempt: 1,
  level: 'INFO',
  message: 'called run_code',
  metadata: {},
  time: '2030-01-01T12:00:00.000Z',
};

/** Every statement of `run` finds its rows by an index, and touches no more blocks than that. */
function expectIndexed(run: (db: Db) => Promise<unknown>, blocksMax: number): Promise<void> {
  return expectNone(run, (plan) => [...wholeScans(plan), ...tooManyBlocks(plan, blocksMax)]);
}

/** And collects no more than ROWS_MAX rows anywhere. */
function expectCheap(run: (db: Db) => Promise<unknown>, blocksMax = BLOCKS_MAX): Promise<void> {
  return expectNone(run, (plan) => [...wholeScans(plan), ...tooManyBlocks(plan, blocksMax), ...largeCollections(plan)]);
}

async function expectNone(run: (db: Db) => Promise<unknown>, problemsOf: (plan: PlanNode) => string[]): Promise<void> {
  const seen: Explained[] = [];
  await run(explaining(db, seen));
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.flatMap(({ text, plan }) => problemsOf(plan).map((problem) => `${problem}: ${text}`))).toEqual([]);
}

function wholeScans(plan: PlanNode): string[] {
  return nodesOf(plan)
    .filter(isWholeScan)
    .map((node) => `reads all of ${node['Relation Name']}`);
}

function tooManyBlocks(plan: PlanNode, blocksMax: number): string[] {
  return blocksOf(plan) > blocksMax ? [`touches ${blocksOf(plan)} blocks`] : [];
}

function largeCollections(plan: PlanNode): string[] {
  return nodesOf(plan)
    .filter((node) => COLLECTING.test(node['Node Type']) && rowsInto(node) > ROWS_MAX)
    .map((node) => `${node['Node Type']} of ${rowsInto(node)} rows`);
}

const COLLECTING = /Sort|Aggregate|Hash|Unique|SetOp|WindowAgg|Materialize/;

function isWholeScan(node: PlanNode): boolean {
  return node['Node Type'] === 'Seq Scan' && BIG.includes(node['Relation Name'] ?? '');
}

async function blocksWith(run: (db: Db) => Promise<unknown>): Promise<number> {
  let sum = 0;
  await run(
    metered(db, (blocks) => {
      sum += blocks;
    }),
  );
  return sum;
}
