import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import type { AttemptWork } from './attempt-runner.ts';
import { createSimulatedRuntime } from './simulate.ts';

const log = () => {};

describe('the simulated runtime', () => {
  it('answers with what it was given, says that it was simulated and costs nothing', async () => {
    const dependencies = [{ subtask_id: 'subtask_0', agent_id: 'agent_1', description: 'Before', output: { data: 1 } }];
    const result = await simulate({ input_data: { a: 1 }, dependencies });
    expect(result).toEqual({
      outcome: {
        status: 'completed',
        output: {
          success: true,
          summary: 'Simulated: Do it',
          data: { input: { a: 1 }, dependencies: { subtask_0: { data: 1 } } },
          simulated: true,
        },
      },
      usage: { input_tokens: 0, output_tokens: 0, cost_usd: 0, turns: 0, unknown: [] },
    });
  });

  it('passes on only the input of a simulated dependency, so that outputs do not grow with the graph', async () => {
    const { outcome } = await simulate({ input_data: { big: 'x' } });
    const output = outcome.status === 'completed' ? outcome.output : null;
    const dependencies = [{ subtask_id: 'subtask_0', agent_id: 'agent_1', description: 'Before', output }];
    const next = await simulate({ input_data: { a: 2 }, dependencies });
    expect(next.outcome).toMatchObject({ output: { data: { dependencies: { subtask_0: { big: 'x' } } } } });
  });

  it('takes the time it is told to take', async () => {
    const clock = createManualClock();
    let ended = false;
    const running = createSimulatedRuntime(clock)
      .run(work({ input_data: { duration_ms: 1_000 } }), new AbortController().signal, log)
      .finally(() => {
        ended = true;
      });
    clock.advance(999);
    await Promise.resolve();
    expect(ended).toBe(false);
    clock.advance(1);
    expect((await running).outcome.status).toBe('completed');
  });

  it('ends at once when it is aborted', async () => {
    const stop = new AbortController();
    const running = createSimulatedRuntime(createManualClock()).run(
      work({ input_data: { duration_ms: 60_000 } }),
      stop.signal,
      log,
    );
    stop.abort();
    expect((await running).outcome.status).toBe('failed');
  });

  it('fails for good with a message', async () => {
    const { outcome } = await simulate({ input_data: { fail: 'No way' } });
    expect(outcome).toEqual({ status: 'failed', error_code: 'unsuccessful', error: 'No way' });
  });

  it('fails as often as it is told, then succeeds', async () => {
    const input_data = { fail: { message: 'Not yet', times: 2 } };
    expect((await simulate({ input_data, attempt: 1 })).outcome).toMatchObject({
      error_code: 'crashed',
      error: 'Not yet',
    });
    expect((await simulate({ input_data, attempt: 2 })).outcome).toMatchObject({ error_code: 'crashed' });
    expect((await simulate({ input_data, attempt: 3 })).outcome.status).toBe('completed');
  });

  it('spends what the script says, as far as it may', async () => {
    const script = { input_data: { cost_usd: 0.2, turns: 6 } };
    expect(await simulate(script)).toMatchObject({
      outcome: { status: 'completed' },
      usage: { cost_usd: 0.2, turns: 6 },
    });
    const enough = { ...script, caps: { max_budget_usd: 0.2, max_turns: 6 } };
    expect(await simulate(enough)).toMatchObject({ outcome: { status: 'completed' } });
    expect(await simulate({ ...script, caps: { max_budget_usd: 0.1 } })).toMatchObject({
      outcome: { status: 'failed', error_code: 'budget_exceeded' },
      usage: { cost_usd: 0.1 },
    });
    expect(await simulate({ ...script, caps: { max_turns: 5 } })).toMatchObject({
      outcome: { status: 'failed', error_code: 'max_turns' },
      usage: { turns: 5 },
    });
  });

  it('refuses a script it does not understand, naming the field', async () => {
    const { outcome } = await simulate({ input_data: { duration_ms: 'long' } });
    expect(outcome).toMatchObject({
      error_code: 'unsuccessful',
      error: expect.stringContaining('input_data.duration_ms'),
    });
  });
});

function simulate(changes: Partial<AttemptWork>) {
  return createSimulatedRuntime(createManualClock()).run(work(changes), new AbortController().signal, log);
}

function work(changes: Partial<AttemptWork>): AttemptWork {
  return {
    task_id: 'task_1',
    subtask_id: 'subtask_1',
    attempt: 1,
    user_id: 'default_user',
    task_description: null,
    description: 'Do it',
    required_capabilities: ['data_analysis'],
    input_data: {},
    dependencies: [],
    caps: {},
    ...changes,
  };
}
