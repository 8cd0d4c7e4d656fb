// Random histories: what is asked of the system and what befalls it, and when.
import fc from 'fast-check';
import { CAPABILITIES } from '../../src/domain/capability.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { step } from '../support/plans.ts';
import { ENDINGS, type Ending } from './agent-process.ts';
import type { Fault } from './database.ts';
import { MANNERS, type Manner } from './network.ts';

/** An agent, orchestrator, task or report is named by any number, taken modulo how many there are. */
export type Action =
  | { do: 'submit'; plan: Plan; by: number }
  | { do: 'cancel'; task: number; by: number }
  | { do: 'retry'; task: number; by: number }
  | { do: 'agent answers'; agent: number; manner: Manner; forMs: number }
  | { do: 'agent ends'; agent: number; ending: Ending }
  | { do: 'agent restarts'; agent: number; afterMs: number }
  | { do: 'agent drains'; agent: number; afterMs: number }
  | { do: 'agent freezes'; agent: number; forMs: number }
  | { do: 'agent is cut off'; agent: number; forMs: number }
  | { do: 'orchestrator dies'; orchestrator: number; afterMs: number }
  | { do: 'orchestrator stops'; orchestrator: number; afterMs: number }
  | { do: 'orchestrator freezes'; orchestrator: number; forMs: number }
  | { do: 'orchestrator is cut off'; orchestrator: number; forMs: number }
  | { do: 'clock jumps'; orchestrator: number; ms: number }
  | { do: 'agent clock jumps'; agent: number; ms: number }
  | { do: 'statement'; fault: Fault; after: number }
  | { do: 'database is down'; forMs: number }
  | { do: 'bus empties' }
  | { do: 'bus is down'; forMs: number }
  | { do: 'bus does not answer'; times: number }
  | { do: 'notices are lost'; percent: number }
  | { do: 'report comes again'; report: number };

export interface History {
  /** Of all that is left to chance: delays, durations, ids. */
  seed: number;
  actions: { at: number; action: Action }[];
}

/** Virtual milliseconds in which actions fall; then the system is left alone until all is done. */
export const TURMOIL_MS = 30_000;

const index = fc.nat({ max: 20 });
const forMs = fc.oneof(fc.integer({ min: 100, max: 3_000 }), fc.integer({ min: 3_000, max: 25_000 }));
const skew = fc.oneof(fc.integer({ min: -5_000, max: 5_000 }), fc.integer({ min: -3_600_000, max: 3_600_000 }));
const FAULTS: Fault[] = ['failed', 'lost', 'killed before', 'killed after'];

/** Small graphs, in plain words: texts and numbers at their limits are for the tests of the store. */
const plan: fc.Arbitrary<Plan> = fc
  .array(
    fc.record({
      required_capabilities: fc.subarray([...CAPABILITIES], { minLength: 1, maxLength: 2 }),
      priority: fc.integer({ min: 0, max: 10 }),
      picks: fc.array(fc.nat({ max: 6 }), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 7, size: 'max' },
  )
  .map((steps) => ({
    subtasks: steps.map(({ picks, ...given }, place) =>
      step({ ...given, dependencies: [...new Set(picks.filter((pick) => pick < place))] }),
    ),
  }));

const submit = fc.record({ do: fc.constant('submit' as const), plan, by: index });

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 6, arbitrary: submit },
  fc.record({ do: fc.constant('cancel' as const), task: index, by: index }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('retry' as const), task: index, by: index }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('agent answers' as const),
      agent: index,
      manner: fc.constantFrom(...MANNERS),
      forMs,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('agent ends' as const), agent: index, ending: fc.constantFrom(...ENDINGS) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('agent restarts' as const), agent: index, afterMs: forMs }) },
  fc.record({ do: fc.constant('agent drains' as const), agent: index, afterMs: forMs }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('agent freezes' as const), agent: index, forMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('agent is cut off' as const), agent: index, forMs }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('orchestrator dies' as const), orchestrator: index, afterMs: forMs }),
  },
  fc.record({ do: fc.constant('orchestrator stops' as const), orchestrator: index, afterMs: forMs }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('orchestrator freezes' as const), orchestrator: index, forMs }) },
  fc.record({ do: fc.constant('orchestrator is cut off' as const), orchestrator: index, forMs }),
  fc.record({ do: fc.constant('clock jumps' as const), orchestrator: index, ms: skew }),
  fc.record({ do: fc.constant('agent clock jumps' as const), agent: index, ms: skew }),
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('statement' as const),
      fault: fc.constantFrom(...FAULTS),
      after: fc.nat({ max: 60 }),
    }),
  },
  fc.record({ do: fc.constant('database is down' as const), forMs }),
  fc.record({ do: fc.constant('bus empties' as const) }),
  fc.record({ do: fc.constant('bus is down' as const), forMs }),
  fc.record({ do: fc.constant('bus does not answer' as const), times: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ do: fc.constant('notices are lost' as const), percent: fc.constantFrom(0, 30, 100) }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('report comes again' as const), report: index }) },
);

const timed = <T>(what: fc.Arbitrary<T>, max: number) => fc.record({ at: fc.nat({ max }), action: what });

export const history: fc.Arbitrary<History> = fc
  .record({
    seed: fc.nat(),
    first: fc.array(timed(submit, 10_000), { minLength: 1, maxLength: 3, size: 'max' }),
    actions: fc.array(timed(action, TURMOIL_MS), { minLength: 5, maxLength: 30, size: 'max' }),
  })
  .map(({ seed, first, actions }) => ({ seed, actions: [...first, ...actions] }));
