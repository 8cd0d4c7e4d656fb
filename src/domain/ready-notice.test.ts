import { describe, expect, it } from 'vitest';
import { readySubtask as row } from '../../tests/support/subtasks.ts';
import { NOTICE_MAX, readyNotice } from './ready-notice.ts';
import type { ReadySubtask } from './subtask.ts';

const many = (count: number, given: Partial<ReadySubtask> = {}) =>
  Array.from({ length: count }, (_, nth) => row(`${given.user_id ?? 'ada'}_${nth}`, given));

describe('a notice of ready subtasks', () => {
  it('names them all while they are few', () => {
    const unblocked = many(NOTICE_MAX - 1);
    expect(readyNotice({ ready: ['a'], unblocked })).toEqual({ ready: ['a'], unblocked });
    expect(readyNotice({})).toEqual({});
  });

  it('is cut when they are many, and says so', () => {
    const { ready, unblocked, more } = readyNotice({ ready: ['a', 'b', 'c'], unblocked: many(NOTICE_MAX - 2) });
    expect({ ready, named: unblocked?.length, more }).toEqual({
      ready: ['a', 'b'],
      named: NOTICE_MAX - 2,
      more: true,
    });
    const ids = Array.from({ length: NOTICE_MAX + 1 }, (_, nth) => `s${nth}`);
    expect(readyNotice({ ready: ids })).toEqual({ ready: ids.slice(0, -1), unblocked: [], more: true });
  });

  it('names the most urgent of too many', () => {
    const urgent = row('urgent', { priority: 9 });
    const long = row('long', { rank: 500 });
    const { unblocked = [] } = readyNotice({ unblocked: [...many(NOTICE_MAX * 2), long, urgent] });
    expect(unblocked.slice(0, 2).map((one) => one.id)).toEqual(['urgent', 'long']);
  });

  it('names those of a user with a few, whatever the crowd of another', () => {
    const few = many(3, { user_id: 'bob', rank: 1 });
    const { unblocked = [] } = readyNotice({ unblocked: [...many(100_000, { rank: 90 }), ...few] });
    expect(unblocked).toHaveLength(NOTICE_MAX);
    expect(unblocked.filter((one) => one.user_id === 'bob')).toEqual(few);
  });
});
