import { beforeEach, describe, expect, it } from 'vitest';
import type { AttemptReport } from '../domain/attempt.ts';
import { ControlMetrics } from './control-metrics.ts';

let metrics: ControlMetrics;
beforeEach(() => {
  metrics = new ControlMetrics();
});

function report(subtask_id: string, outcome: AttemptReport['outcome'], attempt = 1): AttemptReport {
  const usage = { execution_time: 2, input_tokens: 100, output_tokens: 10, cost_usd: 0.25, turns: 3, unknown: [] };
  return { task_id: 'task_1', subtask_id, attempt, agent_id: 'agent_1', outcome, usage };
}

const completed: AttemptReport['outcome'] = {
  status: 'completed',
  output: { success: true, summary: 'done', data: {} },
};
const failed = (error_code: 'timeout' | 'unsuccessful' | 'cancelled'): AttemptReport['outcome'] => ({
  status: 'failed',
  error: 'no',
  error_code,
});
const NOTHING = { accepted: [], retried: [], stopped: [], failed: [] };

/** Series of one metric: labels → value. */
async function series(name: string): Promise<Record<string, number>> {
  const text = await metrics.registry.getSingleMetricAsString(name);
  const rows = text.split('\n').filter((line) => !line.startsWith('#'));
  return Object.fromEntries(
    rows.map((row) => {
      const at = row.lastIndexOf(' ');
      return [row.slice(name.length, at), Number(row.slice(at + 1))];
    }),
  );
}

describe('attempts that ended', () => {
  it('are counted by outcome and error code, and told whether they are tried again', async () => {
    const reports = [
      report('subtask_a', completed),
      report('subtask_b', failed('timeout')),
      report('subtask_c', failed('unsuccessful')),
      report('subtask_d', { status: 'handed_back', reason: 'stopping' }),
    ];
    metrics.attemptsEnded(reports, { ...NOTHING, accepted: reports, retried: ['subtask_b', 'subtask_d', 'subtask_x'] });
    expect(await series('muster_attempts_total')).toEqual({
      '{outcome="completed",error_code=""}': 1,
      '{outcome="failed_transient",error_code="timeout"}': 1,
      '{outcome="failed_final",error_code="unsuccessful"}': 1,
      '{outcome="handed_back",error_code=""}': 1,
    });
    const running = await series('muster_attempt_running_seconds');
    expect(running['_count{outcome="completed"}']).toBe(1);
    expect(running['_sum{outcome="failed_transient"}']).toBe(2);
    expect(running['_count{outcome="handed_back"}']).toBeUndefined();
  });

  it('count once with what they used, however often they are reported', async () => {
    const twice = [report('subtask_a', completed), report('subtask_a', completed)];
    metrics.attemptsEnded(twice, { ...NOTHING, accepted: [twice[0]!] });
    metrics.attemptsEnded([report('subtask_a', failed('cancelled'), 2)], NOTHING);
    expect(await series('muster_attempts_total')).toEqual({
      '{outcome="completed",error_code=""}': 1,
      '{outcome="superseded",error_code=""}': 1,
      '{outcome="superseded",error_code="cancelled"}': 1,
    });
    expect(await series('muster_cost_usd_total')).toEqual({ '': 0.25 });
    expect(await series('muster_turns_total')).toEqual({ '': 3 });
    expect(await series('muster_tokens_total')).toEqual({
      '{purpose="attempt",direction="input"}': 100,
      '{purpose="attempt",direction="output"}': 10,
    });
  });

  it('bring along those that were stopped for want of budget, and the tasks that failed', async () => {
    const key = { task_id: 'task_1', subtask_id: 'subtask_b', attempt: 1 };
    metrics.attemptsEnded([], { ...NOTHING, stopped: [key], failed: ['task_1', 'task_2'] });
    expect(await series('muster_attempts_total')).toEqual({ '{outcome="stopped",error_code="budget_exceeded"}': 1 });
    expect(await series('muster_tasks_ended_total')).toEqual({ '{status="failed"}': 2 });
  });
});

describe('gauges of the whole system', () => {
  const snapshot = {
    database: {
      ping_seconds: 0.002,
      tasks: [{ status: 'pending', count: 2 }],
      queue: [{ capabilities: 'data_analysis', ready: 3, oldest_seconds: 12 }],
      running: 4,
    },
    bus: { ping_seconds: 0.001, agents: { available: 1, busy: 2, unavailable: 0 }, slots: { free: 1, used: 4 } },
    stranded: [{ capabilities: 'web_scraping', ready: 1 }],
  };

  it('show the last look', async () => {
    metrics.live.show(snapshot);
    expect(await series('muster_ready_subtasks')).toEqual({ '{capabilities="data_analysis"}': 3 });
    expect(await series('muster_running_subtasks')).toEqual({ '': 4 });
    expect(await series('muster_crew_agents')).toMatchObject({ '{state="busy"}': 2, '{state="unavailable"}': 0 });
    expect(await series('muster_database_up')).toEqual({ '': 1 });
  });

  it('show nothing of what is not known, rather than what was', async () => {
    metrics.live.show(snapshot);
    metrics.live.show({ database: null, bus: null, stranded: null });
    const { registry } = metrics;
    for (const name of [
      'muster_running_subtasks',
      'muster_ready_subtasks',
      'muster_crew_slots',
      'muster_bus_ping_seconds',
    ])
      expect(await registry.getSingleMetricAsString(name)).not.toMatch(/^muster/m);
    expect(await series('muster_database_up')).toEqual({ '': 0 });
    expect(await series('muster_bus_up')).toEqual({ '': 0 });
  });

  it('ask for the leadership when they are scraped', async () => {
    let leads = false;
    metrics.leadsWhile(() => leads);
    expect(await series('muster_scheduler_leads')).toEqual({ '': 0 });
    leads = true;
    expect(await series('muster_scheduler_leads')).toEqual({ '': 1 });
  });
});
