// Purses for tests: what a task may spend, has spent and holds.
import type { Purse } from '../../src/domain/budget.ts';

/** One open subtask and no limit; what a test is about is given. */
export function purse(given: Partial<Purse> = {}): Purse {
  return {
    budget_usd: null,
    max_turns: null,
    spent_usd: 0,
    spent_turns: 0,
    reserved_usd: 0,
    reserved_turns: 0,
    reservations: 0,
    open_subtasks: 1,
    ...given,
  };
}
