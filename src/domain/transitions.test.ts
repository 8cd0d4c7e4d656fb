import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CAPABILITIES } from './capability.ts';
import { LOG_LEVELS } from './log.ts';
import { PRIORITY_MAX, SUBTASK_DESCRIPTION_MAX } from './subtask.ts';
import { DESCRIPTION_MIN, PLAN_SOURCES, TASK_DESCRIPTION_MAX } from './task.ts';
import {
  ENDED_SUBTASK_STATUSES,
  ENDED_TASK_STATUSES,
  EVENT_TYPES,
  isSubtaskEnded,
  isTaskEnded,
  SUBTASK_STATUSES,
  SUBTASK_TRANSITIONS,
  TASK_STATUSES,
  TASK_TRANSITIONS,
  type Transition,
} from './transitions.ts';

interface Machine {
  kind: string;
  statuses: readonly string[];
  created: readonly string[];
  ended: readonly string[];
  /** The only moves out of an ended state: both happen when a person retries a failed task. */
  revivals: readonly string[];
  transitions: Record<string, Transition<string>>;
}

const machines: Machine[] = [
  {
    kind: 'task',
    statuses: TASK_STATUSES,
    created: ['pending'],
    ended: ENDED_TASK_STATUSES,
    revivals: ['retry'],
    transitions: TASK_TRANSITIONS,
  },
  {
    kind: 'subtask',
    statuses: SUBTASK_STATUSES,
    created: ['pending', 'ready'],
    ended: ENDED_SUBTASK_STATUSES,
    revivals: ['retry', 'reopen'],
    transitions: SUBTASK_TRANSITIONS,
  },
];

function reachable({ created, transitions }: Machine): string[] {
  const seen = new Set(created);
  for (const status of seen)
    for (const { from, to } of Object.values(transitions)) if (from.includes(status)) seen.add(to);
  return [...seen];
}

describe.each(machines)('the states of a $kind', (machine) => {
  const moves = Object.entries(machine.transitions);

  it('are all reachable from creation', () => {
    expect(reachable(machine).sort()).toEqual([...machine.statuses].sort());
  });

  it('are the only words that transitions use, each at most once as an origin', () => {
    for (const [, { from, to }] of moves) {
      for (const status of [...from, to]) expect(machine.statuses).toContain(status);
      expect(new Set(from).size).toBe(from.length);
      expect(from).not.toContain(to);
    }
  });

  it('have no way out once ended, except by retrying', () => {
    const out = moves.filter(([, { from }]) => from.some((status) => machine.ended.includes(status)));
    expect(out.map(([name]) => name)).toEqual(machine.revivals);
    for (const [, { from }] of out) expect(from).not.toContain('completed');
    for (const [, { from }] of out) expect(from).not.toContain('cancelled');
  });

  it('lead on from everywhere else', () => {
    for (const status of machine.statuses.filter((word) => !machine.ended.includes(word)))
      expect(moves.some(([, { from }]) => from.includes(status))).toBe(true);
  });

  it('have event names of their own kind, in the past tense form of the catalogue', () => {
    for (const [, { event }] of moves) expect(event).toMatch(new RegExp(`^${machine.kind}\\.[a-z]+(_[a-z]+)*$`));
  });
});

describe('event types', () => {
  it('are creation and one for each transition, none twice', () => {
    const transitions = [...Object.values(TASK_TRANSITIONS), ...Object.values(SUBTASK_TRANSITIONS)];
    expect(new Set(EVENT_TYPES).size).toBe(EVENT_TYPES.length);
    expect([...EVENT_TYPES].sort()).toEqual(['task.created', ...transitions.map(({ event }) => event)].sort());
  });
});

describe('ended states', () => {
  it('are told from open ones', () => {
    expect(TASK_STATUSES.filter((status) => !isTaskEnded(status))).toEqual(['pending', 'in_progress']);
    expect(SUBTASK_STATUSES.filter((status) => !isSubtaskEnded(status))).toEqual(['pending', 'ready', 'running']);
  });
});

describe('the schema', () => {
  const sql = (name: string) => readFileSync(new URL(`../../migrations/${name}`, import.meta.url), 'utf8');
  const table = (name: string) =>
    new RegExp(`create table ${name} \\((.*?)\\n\\);`, 's').exec(sql('0001_create_tasks.sql'))![1]!;
  const words = (text: string) => [...text.matchAll(/'([^']*)'/g)].map((match) => match[1]);
  const allowed = (text: string, column: string) =>
    words(new RegExp(`check \\(${column} in \\(([^)]*)\\)`).exec(text)![1]!);
  const endedIn = (text: string) =>
    words(/check \(\(finished_at is not null\) = \(status in \(([^)]*)\)\)\)/.exec(text)![1]!);

  it('allows exactly the states of a task and of a subtask', () => {
    expect(allowed(table('tasks'), 'status')).toEqual(TASK_STATUSES);
    expect(allowed(table('subtasks'), 'status')).toEqual(SUBTASK_STATUSES);
  });

  it('sets the instant of the end in exactly the ended states', () => {
    expect(endedIn(table('tasks'))).toEqual(ENDED_TASK_STATUSES);
    expect(endedIn(table('subtasks'))).toEqual(ENDED_SUBTASK_STATUSES);
  });

  it('keeps the outcomes of an attempt, the capabilities, the plan sources and the log levels', () => {
    expect(allowed(table('subtask_results'), 'status')).toEqual(['completed', 'failed']);
    expect(words(/required_capabilities <@ array\[([^\]]*)\]/.exec(table('subtasks'))![1]!)).toEqual(CAPABILITIES);
    expect(allowed(table('tasks'), 'plan_source')).toEqual(PLAN_SOURCES);
    expect(allowed(sql('0002_create_agent_logs.sql'), 'level')).toEqual(LOG_LEVELS);
  });

  it('keeps the bounds of descriptions and priorities', () => {
    expect(table('tasks')).toContain(`char_length(description) between ${DESCRIPTION_MIN} and ${TASK_DESCRIPTION_MAX}`);
    expect(table('subtasks')).toContain(
      `char_length(description) between ${DESCRIPTION_MIN} and ${SUBTASK_DESCRIPTION_MAX}`,
    );
    expect(table('subtasks')).toContain(`priority between 0 and ${PRIORITY_MAX}`);
  });
});
