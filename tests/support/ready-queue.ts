// Taking out of the leader's queue without agents.
import type { ReadyQueue } from '../../src/scheduler/ready-queue.ts';
import type { Candidate } from '../../src/scheduler/ready-user.ts';

interface Taking {
  /** The leader's clock, in milliseconds; default 0. */
  now?: number;
  /** Ids of tasks that are dropped. */
  except?: ReadonlySet<string>;
  /** Whether there is a place for it; default yes. */
  fits?: (candidate: Candidate) => boolean;
}

/** The next ones in order, as many as `limit`. */
export function take(
  queue: ReadyQueue,
  limit: number,
  { now = 0, except = new Set<string>(), fits = () => true }: Taking = {},
): Candidate[] {
  return queue.serve(now, except, (line) => {
    const taken: Candidate[] = [];
    for (let next = line.first(); next && taken.length < limit; next = line.first()) {
      if (fits(next)) {
        taken.push(next);
        line.take();
      } else line.pass();
    }
    return taken;
  });
}
