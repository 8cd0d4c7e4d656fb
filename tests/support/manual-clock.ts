// A clock that stands still until a test moves it. Timers fire in the order of their instants.
import type { Clock } from '../../src/clock.ts';

export interface ManualClock extends Clock {
  /** Moves time on and fires what has become due, each timer at its own instant. */
  advance(ms: number): void;
}

interface Timer {
  at: number;
  callback: () => void;
}

export function createManualClock(start = new Date('2030-01-01T00:00:00.000Z')): ManualClock {
  let now = start.getTime();
  let timers: Timer[] = [];
  return {
    now: () => new Date(now),
    after(ms, callback) {
      const timer = { at: now + ms, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      const end = now + ms;
      for (let next = earliest(timers, end); next; next = earliest(timers, end)) {
        now = next.at;
        timers = timers.filter((timer) => timer !== next);
        next.callback();
      }
      now = end;
    },
  };
}

function earliest(timers: readonly Timer[], end: number): Timer | undefined {
  return timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
}
