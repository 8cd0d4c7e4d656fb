// The second runtime: no model, no process. It waits, fails and spends as `input_data` says, for load tests and for
// rehearsing a plan and its budget; every result says that it was simulated.
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { AttemptOutcome } from '../domain/attempt.ts';
import { BUDGET_USD_MAX, MAX_TURNS_MAX } from '../domain/budget.ts';
import {
  type AttemptCaps,
  type AttemptResult,
  type AttemptRunner,
  type AttemptWork,
  failure,
  NO_USAGE,
} from './attempt-runner.ts';
import { pause } from './pause.ts';

const script = z.object({
  /** Milliseconds the attempt takes. */
  duration_ms: z.number().nonnegative().max(86_400_000).default(0),
  /** A message: fails for good. With `times`: crashes in that many attempts, then succeeds. */
  fail: z.union([z.string(), z.object({ message: z.string(), times: z.int().nonnegative().default(1) })]).optional(),
  /** What the attempt pretends to use, unless it may not use as much. */
  cost_usd: z.number().nonnegative().max(BUDGET_USD_MAX).default(0),
  turns: z.int().nonnegative().max(MAX_TURNS_MAX).default(0),
});
type Script = z.infer<typeof script>;

export function createSimulatedRuntime(clock: Clock): AttemptRunner {
  return {
    async run(work, signal) {
      const parsed = script.safeParse(work.input_data);
      if (!parsed.success) return { outcome: badScript(parsed.error), usage: NO_USAGE };
      await pause(clock, parsed.data.duration_ms, signal);
      return signal.aborted ? { outcome: stopped(), usage: NO_USAGE } : end(parsed.data, work);
    },
    async close() {},
  };
}

/** Stops where its limits end, as a model's session does. */
function end(script: Script, work: AttemptWork): AttemptResult {
  const { max_budget_usd = Infinity, max_turns = Infinity } = work.caps;
  const cost_usd = Math.min(script.cost_usd, max_budget_usd);
  const turns = Math.min(script.turns, max_turns);
  return { outcome: overrun(script, work.caps) ?? play(script, work), usage: { ...NO_USAGE, cost_usd, turns } };
}

function overrun({ cost_usd, turns }: Script, caps: AttemptCaps): AttemptOutcome | null {
  if (cost_usd > (caps.max_budget_usd ?? Infinity))
    return failure('budget_exceeded', `The simulated attempt needs $${cost_usd} and may use $${caps.max_budget_usd}.`);
  if (turns > (caps.max_turns ?? Infinity))
    return failure('max_turns', `The simulated attempt needs ${turns} turns and may use ${caps.max_turns}.`);
  return null;
}

function play({ fail }: Script, work: AttemptWork): AttemptOutcome {
  if (typeof fail === 'string') return failure('unsuccessful', fail);
  if (fail && work.attempt <= fail.times) return failure('crashed', fail.message);
  return {
    status: 'completed',
    output: {
      success: true,
      summary: `Simulated: ${work.description}`,
      data: {
        input: work.input_data,
        dependencies: Object.fromEntries(
          work.dependencies.map(({ subtask_id, output }) => [subtask_id, inputOf(output)]),
        ),
      },
      simulated: true,
    },
  };
}

const simulatedOutput = z.object({ simulated: z.literal(true), data: z.object({ input: z.unknown() }) });

// An output that held its dependencies' outputs whole would double with each level of a diamond-shaped graph.
function inputOf(output: unknown): unknown {
  const simulated = simulatedOutput.safeParse(output);
  return simulated.success ? simulated.data.data.input : output;
}

function stopped(): AttemptOutcome {
  return failure('crashed', 'The simulated attempt was stopped.');
}

function badScript(error: z.ZodError): AttemptOutcome {
  const issue = error.issues[0];
  return failure('unsuccessful', `input_data.${issue?.path.join('.')}: ${issue?.message}`);
}
