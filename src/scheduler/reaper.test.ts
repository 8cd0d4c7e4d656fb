import { describe, expect, it } from 'vitest';
import { agent } from '../../tests/support/agents.ts';
import type { AgentStatus } from '../domain/agent.ts';
import type { RunningSubtask } from '../store/subtasks.ts';
import { Crew } from './crew.ts';
import { reap } from './reaper.ts';

const HELD = { subtask_id: 'subtask_1', attempt: 2 };
const row = (given: Partial<RunningSubtask> = {}): RunningSubtask => ({
  id: 'subtask_1',
  task_id: 'task_1',
  attempt: 2,
  agent_id: 'agent_1',
  agent_instance: 'instance_1',
  running_ms: 5_000,
  overdue_ms: -1_000,
  ...given,
});

/** The crew after looks at these instants, each with this registry; the row was running all along. */
function crewAfter(looks: [now: number, registered: AgentStatus[]][], running = [row()]): Crew {
  const crew = new Crew();
  for (const [now, registered] of looks) {
    crew.update(registered, now);
    crew.reconcile(running, now);
  }
  return crew;
}

const beat = (second: number, given: Partial<AgentStatus> = {}) =>
  agent({ last_heartbeat: new Date(Date.UTC(2030, 0, 1, 0, 0, second)).toISOString(), ...given });
const holding = { running: [HELD], is_available: false };
const every = (seconds: number[], registry: (second: number) => AgentStatus[]) =>
  seconds.map((second): [number, AgentStatus[]] => [second * 1_000, registry(second)]);
const seconds = (count: number) => Array.from({ length: count + 1 }, (_, second) => second);

interface Case {
  when: string;
  crew: Crew;
  running?: RunningSubtask;
  now: number;
  verdict: { code: string; error: RegExp } | null;
}

const cases: Case[] = [
  {
    when: 'its agent holds it',
    crew: crewAfter(every(seconds(60), (second) => [beat(second, holding)])),
    now: 60_000,
    verdict: null,
  },
  {
    when: 'its deadline has just passed: the agent stops it itself',
    crew: crewAfter([[0, [beat(0, holding)]]]),
    running: row({ overdue_ms: 10_000 }),
    now: 0,
    verdict: null,
  },
  {
    when: 'its deadline has long passed',
    crew: crewAfter([[0, [beat(0, holding)]]]),
    running: row({ overdue_ms: 10_001 }),
    now: 0,
    verdict: { code: 'timeout', error: /agent_1 passed the deadline/ },
  },
  {
    when: 'its agent was restarted',
    crew: crewAfter([[0, [beat(0, { instance_id: 'instance_2' })]]]),
    now: 0,
    verdict: { code: 'agent_lost', error: /restarted/ },
  },
  {
    when: 'its agent was restarted and is gone again',
    crew: crewAfter([
      [0, [beat(0, { instance_id: 'instance_2' })]],
      [1_000, []],
    ]),
    now: 1_000,
    verdict: { code: 'agent_lost', error: /restarted/ },
  },
  {
    when: 'its agent has been silent, though not for long enough',
    crew: crewAfter(every(seconds(60), (second) => (second === 0 ? [beat(0, holding)] : []))),
    now: 60_000,
    verdict: null,
  },
  {
    when: 'its agent has been silent for too long',
    crew: crewAfter(every(seconds(61), (second) => (second === 0 ? [beat(0, holding)] : []))),
    now: 61_000,
    verdict: { code: 'agent_lost', error: /agent_1 has not reported for 61 s/ },
  },
  {
    when: 'its agent was silent because nobody could ask the bus',
    crew: crewAfter([
      [0, [beat(0, holding)]],
      [100_000, []],
    ]),
    now: 100_000,
    verdict: null,
  },
  {
    when: 'its agent was never seen, and it started a while ago',
    crew: crewAfter([[0, []]]),
    running: row({ running_ms: 60_000 }),
    now: 0,
    verdict: null,
  },
  {
    when: 'its agent was never seen, and it started long ago',
    crew: crewAfter([[0, []]]),
    running: row({ running_ms: 60_001 }),
    now: 0,
    verdict: { code: 'agent_lost', error: /has not reported for 60 s/ },
  },
  {
    when: 'its agent let go of it a moment ago: the report may be on its way',
    crew: crewAfter(every(seconds(15), (second) => [second === 0 ? beat(0, holding) : beat(second)])),
    running: row({ running_ms: 500_000 }),
    now: 15_000,
    verdict: null,
  },
  {
    when: 'its agent let go of it long ago',
    crew: crewAfter(every(seconds(16), (second) => [second === 0 ? beat(0, holding) : beat(second)])),
    now: 16_000,
    verdict: { code: 'agent_lost', error: /does not hold the attempt/ },
  },
  {
    when: 'its agent is full of other work and never had it',
    crew: crewAfter(
      every(seconds(16), (second) => [
        beat(second, { running: [{ ...HELD, subtask_id: 'other' }], is_available: false }),
      ]),
    ),
    now: 16_000,
    verdict: { code: 'agent_lost', error: /does not hold the attempt/ },
  },
  {
    when: 'its agent holds only an earlier attempt of it',
    crew: crewAfter(every(seconds(16), (second) => [beat(second, { running: [{ ...HELD, attempt: 1 }] })])),
    now: 16_000,
    verdict: { code: 'agent_lost', error: /does not hold the attempt/ },
  },
];

describe('an attempt', () => {
  it.each(cases)('is judged right when $when', ({ crew, running = row(), now, verdict }) => {
    const reports = reap([running], { crew, now, lostAfterMs: 60_000, unheldAfterMs: 15_000 });
    if (!verdict) return expect(reports).toEqual([]);
    expect(reports).toEqual([
      {
        task_id: 'task_1',
        subtask_id: 'subtask_1',
        attempt: 2,
        agent_id: 'agent_1',
        outcome: { status: 'failed', error: expect.stringMatching(verdict.error), error_code: verdict.code },
        usage: {
          execution_time: running.running_ms / 1000,
          input_tokens: 0,
          output_tokens: 0,
          cost_usd: 0,
          turns: 0,
          unknown: ['cost_usd', 'turns'],
        },
      },
    ]);
  });

  it('that was reaped in its first instant has an execution time above 0, as the schema demands', () => {
    const crew = crewAfter([[0, [beat(0, { instance_id: 'instance_2' })]]]);
    const [report] = reap([row({ running_ms: 0 })], { crew, now: 0, lostAfterMs: 60_000, unheldAfterMs: 15_000 });
    expect(report?.usage.execution_time).toBeGreaterThan(0);
  });
});
