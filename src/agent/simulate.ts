// The second runtime: no model, no process. It waits and fails as `input_data` says, for load tests and for rehearsing a
// plan; every result says that it was simulated.
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { AttemptOutcome } from '../domain/attempt.ts';
import { type AttemptRunner, type AttemptWork, failure, NO_USAGE } from './attempt-runner.ts';
import { pause } from './pause.ts';

const script = z.object({
  /** Milliseconds the attempt takes. */
  duration_ms: z.number().nonnegative().max(86_400_000).default(0),
  /** A message: fails for good. With `times`: crashes in that many attempts, then succeeds. */
  fail: z.union([z.string(), z.object({ message: z.string(), times: z.int().nonnegative().default(1) })]).optional(),
});
type Script = z.infer<typeof script>;

export function createSimulatedRuntime(clock: Clock): AttemptRunner {
  return {
    async run(work, signal, log) {
      const parsed = script.safeParse(work.input_data);
      if (!parsed.success) return { outcome: badScript(parsed.error), usage: NO_USAGE };
      log('DEBUG', `Simulates ${parsed.data.duration_ms} ms of work`, { kind: 'simulated' });
      await pause(clock, parsed.data.duration_ms, signal);
      return { outcome: signal.aborted ? stopped() : play(parsed.data, work), usage: NO_USAGE };
    },
    async close() {},
  };
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
