import { describe, expect, it } from 'vitest';
import { DEFAULT_CREW } from './agent.ts';
import { CAPABILITIES } from './capability.ts';

describe('the default crew', () => {
  it('has five agents, each with a name of its own', () => {
    expect(DEFAULT_CREW.map((member) => member.agent_id)).toEqual([
      'agent_1',
      'agent_2',
      'agent_3',
      'agent_4',
      'agent_5',
    ]);
  });

  it('offers every capability', () => {
    const offered = new Set(DEFAULT_CREW.flatMap((member) => member.capabilities));
    expect([...offered].sort()).toEqual([...CAPABILITIES].sort());
  });
});
