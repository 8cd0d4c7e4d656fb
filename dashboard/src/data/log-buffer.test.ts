import { expect, it } from 'vitest';
import { addFresh, addOlder, emptyBuffer, type LogLine, newestId, release } from './log-buffer.ts';

function line(id: number, second = id): LogLine {
  return {
    id,
    time: new Date(second * 1_000).toISOString(),
    agent_id: 'agent_1',
    task_id: 'task_1',
    subtask_id: 'subtask_1',
    attempt: 1,
    level: 'INFO',
    message: `line ${id}`,
    metadata: {},
  };
}

const ids = (lines: readonly LogLine[]) => lines.map(({ id }) => id);
const lines = (...numbers: number[]) => numbers.map((id) => line(id));
const page = (logs: LogLine[], next_cursor: string | null = null) => ({ logs, next_cursor });

it('puts fresh lines on top and older ones below, each once', () => {
  const first = addOlder(emptyBuffer(), page(lines(5, 4, 3), 'c'));
  const fresh = addFresh(first, lines(5, 6, 7, 6), { held: false });
  const older = addOlder(fresh, page(lines(3, 2, 1)));
  expect(ids(older.lines)).toEqual([7, 6, 5, 4, 3, 2, 1]);
  expect(older.next).toBeNull();
  expect(newestId(older)).toBe(7);
});

it('brings a line that was stored late to its place by time', () => {
  const buffer = addFresh({ ...emptyBuffer(), lines: lines(9, 7, 5) }, [line(12, 6)], { held: false });
  expect(ids(buffer.lines)).toEqual([9, 7, 12, 5]);
  expect(newestId(buffer)).toBe(12);
});

it('lets lines wait while held, and shows them when released', () => {
  const held = addFresh({ ...emptyBuffer(), lines: lines(2, 1) }, lines(2, 3, 4), { held: true });
  expect([ids(held.lines), ids(held.waiting)]).toEqual([
    [2, 1],
    [4, 3],
  ]);
  expect(ids(release(held).lines)).toEqual([4, 3, 2, 1]);
});

it('drops the oldest beyond the bound, and says that it is full', () => {
  const first = addOlder(emptyBuffer(), page(lines(3, 2, 1), 'c'), 4);
  const full = addFresh(first, lines(4, 5), { held: false, kept: 4 });
  expect(ids(full.lines)).toEqual([5, 4, 3, 2]);
  expect(full).toMatchObject({ isFull: true, next: null });
  expect(addOlder(full, page(lines(1), 'd'), 4)).toBe(full);
});

it('stops at the bound when older lines fill it', () => {
  const full = addOlder({ ...emptyBuffer('c'), lines: lines(4, 3) }, page(lines(2, 1), 'd'), 4);
  expect([full.isFull, full.next, full.lines.length]).toEqual([true, null, 4]);
});

it('keeps waiting lines within the bound too', () => {
  const buffer = addFresh({ ...emptyBuffer(), lines: lines(2, 1) }, lines(3, 4, 5, 6, 7), { held: true, kept: 4 });
  expect([ids(buffer.lines), ids(buffer.waiting)]).toEqual([[], [7, 6, 5, 4]]);
});

it('stays fast with many lines', () => {
  let buffer = addOlder(emptyBuffer(), page(lines(...Array.from({ length: 50_000 }, (_, nth) => 50_000 - nth))));
  for (let id = 50_001; id <= 50_100; id += 1) buffer = addFresh(buffer, [line(id)], { held: false });
  expect(buffer.lines.length).toBe(50_100);
  expect(buffer.lines[0]?.id).toBe(50_100);
});
