// What a notice says of subtasks that became ready. A notice goes to every orchestrator and is a hint only, so it is cut to a
// size that costs nobody anything; the leader reads the rest from the database when it runs low.
import type { ReadySubtask } from './subtask.ts';

/** Subtasks that one notice names. */
export const NOTICE_MAX = 500;

export interface ReadyNotice {
  /** Ids of subtasks that have to be looked up. */
  ready?: string[];
  /** Those of which it says all that the scheduler needs. */
  unblocked?: ReadySubtask[];
  /** More became ready than it names. */
  more?: boolean;
}

/** Of too many, the most urgent, and some of each user's. */
export function readyNotice(all: Omit<ReadyNotice, 'more'>): ReadyNotice {
  const { ready = [], unblocked = [] } = all;
  if (ready.length + unblocked.length <= NOTICE_MAX) return all;
  const named = inTurn(unblocked).slice(0, NOTICE_MAX);
  return { ready: ready.slice(0, NOTICE_MAX - named.length), unblocked: named, more: true };
}

/** By priority, then the first of each user, the second of each, and so on. */
function inTurn(rows: readonly ReadySubtask[]): ReadySubtask[] {
  const given = new Map<string, number>();
  return rows
    .toSorted((a, b) => b.priority - a.priority || b.rank - a.rank)
    .map((row) => {
      const key = `${row.priority} ${row.user_id}`;
      const turn = given.get(key) ?? 0;
      given.set(key, turn + 1);
      return { row, turn };
    })
    .sort((a, b) => b.row.priority - a.row.priority || a.turn - b.turn)
    .map(({ row }) => row);
}
