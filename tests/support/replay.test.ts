// The judge of histories, judged: it accepts a history that is right, and names what is wrong in one that is not.
import { expect, it } from 'vitest';
import { type EventRow, overfullAgents, type Replayed, replayTask, type SubtaskRow } from './replay.ts';

const SUBTASKS: SubtaskRow[] = [
  { id: 'a', task_id: 't', status: 'completed', attempt: 1, failures: 0, dependencies: [] },
  { id: 'b', task_id: 't', status: 'completed', attempt: 2, failures: 1, dependencies: ['a'] },
];

const RIGHT: [type: string, subtask?: string, attempt?: number][] = [
  ['task.created'],
  ['task.planned'],
  ['subtask.ready', 'a'],
  ['subtask.claimed', 'a', 1],
  ['subtask.completed', 'a', 1],
  ['subtask.ready', 'b'],
  ['subtask.claimed', 'b', 1],
  ['subtask.retry_scheduled', 'b', 1],
  ['subtask.claimed', 'b', 2],
  ['subtask.completed', 'b', 2],
  ['task.completed'],
];

type Change = (events: EventRow[]) => void;

function replayed(change: Change = () => undefined): Replayed {
  const events = RIGHT.map(([type, subtask_id = null, attempt], nth) => ({
    task_id: 't',
    seq: nth + 1,
    type,
    subtask_id,
    data: attempt === undefined ? {} : { agent_id: 'agent_1', attempt },
    time: nth * 10,
  }));
  change(events);
  return replayTask({ id: 't', status: 'completed' }, SUBTASKS, events);
}

it('accepts a right history, and tells its attempts', () => {
  const { problems, runs } = replayed();
  expect(problems).toEqual([]);
  expect(runs.map(({ subtask_id, attempt, from, to }) => [subtask_id, attempt, from, to])).toEqual([
    ['a', 1, 30, 40],
    ['b', 1, 60, 70],
    ['b', 2, 80, 90],
  ]);
});

const WRONG: Record<string, [Change, RegExp]> = {
  'a missing event': [(events) => events.splice(2, 1), /carries a number other than 3/],
  'a state that is not the one of the row': [(events) => events.pop(), /its events end in in_progress/],
  'a move that does not exist': [
    (events) => (events[7] = { ...events[7]!, type: 'subtask.ready' }),
    /comes in state running/,
  ],
  'a start before the dependency ended': [
    (events) => (events[4] = { ...events[4]!, time: 65 }),
    /older than the completion/,
  ],
  'a dependent that is ready too early': [
    (events) => (events[4] = { ...events[4]!, type: 'subtask.released' }),
    /comes while its dependency a is ready/,
  ],
  'an attempt number that was left out': [
    (events) => (events[8] = { ...events[8]!, data: { agent_id: 'agent_1', attempt: 3 } }),
    /is attempt 3 after attempt 1/,
  ],
  'an end of another attempt': [
    (events) => (events[9] = { ...events[9]!, data: { agent_id: 'agent_1', attempt: 1 } }),
    /ends attempt 1 while 2 runs/,
  ],
  'a task that ends too early': [
    (events) => (events[9] = { ...events[9]!, type: 'subtask.released' }),
    /comes while 1 subtasks are open/,
  ],
};

it.each(Object.entries(WRONG))('names %s', (_, [change, problem]) => {
  expect(replayed(change).problems.join('\n')).toMatch(problem);
});

it('counts failures up to three between retries', () => {
  const failing = [1, 2, 3, 4].flatMap((attempt): [string, string, number][] => [
    ['subtask.claimed', 'a', attempt],
    ['subtask.retry_scheduled', 'a', attempt],
  ]);
  const events = [['task.created'], ['task.planned'], ['subtask.ready', 'a'], ...failing].map(
    ([type = '', subtask_id = null, attempt], nth) =>
      ({ task_id: 't', seq: nth + 1, type, subtask_id, data: { attempt }, time: nth }) as EventRow,
  );
  const rows: SubtaskRow[] = [{ id: 'a', task_id: 't', status: 'ready', attempt: 4, failures: 4, dependencies: [] }];
  expect(replayTask({ id: 't', status: 'in_progress' }, rows, events).problems).toEqual([
    't: event 9 (subtask.retry_scheduled of a) is failure 3 of at most 2',
    't: event 11 (subtask.retry_scheduled of a) is failure 4 of at most 2',
  ]);
});

it('finds an agent with more attempts than slots, and lets one begin as another ends', () => {
  const run = (subtask_id: string, from: number, to: number) => ({
    subtask_id,
    attempt: 1,
    agent_id: 'agent_1',
    from,
    to,
  });
  const slots = new Map([['agent_1', 2]]);
  expect(overfullAgents([run('a', 0, 10), run('b', 0, 20), run('c', 10, 20)], slots)).toEqual([]);
  expect(overfullAgents([run('a', 0, 11), run('b', 0, 20), run('c', 10, 20)], slots)).toEqual([
    'agent_1 held 3 attempts at 1970-01-01T00:00:00.010Z: a:1, b:1, c:1',
  ]);
});
