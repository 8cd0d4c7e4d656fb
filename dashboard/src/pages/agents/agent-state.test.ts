import { expect, it } from 'vitest';
import { countStates, inOrder, stateOf, successRate } from './agent-state.ts';

const run = { subtask_id: 's', attempt: 1 };
const idle = { registered: true, is_available: true, slots: 2, running: [] };

it('tells idle, partly busy, full and lost agents apart', () => {
  const agents = [
    idle,
    { ...idle, running: [run] },
    { ...idle, running: [run, run], is_available: false },
    { ...idle, registered: false, running: [run] },
  ];
  expect(agents.map(stateOf)).toEqual(['available', 'working', 'full', 'lost']);
  expect(countStates(agents)).toEqual({ available: 1, working: 1, full: 1, lost: 1 });
});

it('counts an agent that takes nothing more as full', () => {
  expect(stateOf({ ...idle, is_available: false })).toBe('full');
});

it.each([
  [0, 0, null],
  [3, 0, 100],
  [999, 1, 99],
  [0, 4, 0],
])('of %d completed and %d failed attempts, %s percent succeeded', (attempts_completed, attempts_failed, rate) => {
  expect(successRate({ attempts_completed, attempts_failed })).toBe(rate);
});

it('orders by number, the lost last', () => {
  const ids = ['agent_10', 'agent_2', 'agent_1'].map((agent_id) => ({ agent_id, registered: agent_id !== 'agent_1' }));
  expect(inOrder(ids).map((agent) => agent.agent_id)).toEqual(['agent_2', 'agent_10', 'agent_1']);
});
