import { describe, expect, it } from 'vitest';
import { agent } from '../../tests/support/agents.ts';
import type { QueuedSet } from '../store/activity.ts';
import { largestFirst, missingSets } from './queued-sets.ts';

const at = (second: number) => `2030-01-01T00:00:0${second}.000Z`;
const rows: QueuedSet[] = [
  { required_capabilities: ['web_scraping'], ready: 2, oldest_ready_at: at(1) },
  { required_capabilities: ['web_scraping', 'data_analysis'], ready: 3, oldest_ready_at: at(3) },
];

describe('what ready subtasks need', () => {
  it('comes with most ready first, the words of a set by the alphabet', () => {
    expect(largestFirst(rows)).toEqual([
      { required_capabilities: ['data_analysis', 'web_scraping'], ready: 3, oldest_ready_at: at(3) },
      { required_capabilities: ['web_scraping'], ready: 2, oldest_ready_at: at(1) },
    ]);
    expect(largestFirst([])).toEqual([]);
  });

  it('is missing when no single agent has all of it', () => {
    const sets = largestFirst(rows);
    const apart = [agent({ capabilities: ['web_scraping'] }), agent({ capabilities: ['data_analysis'] })];
    expect(missingSets(sets, apart).map((set) => set.ready)).toEqual([3]);
    expect(missingSets(sets, [agent({ capabilities: ['data_analysis', 'web_scraping'] })])).toEqual([]);
    expect(missingSets(sets, [])).toEqual(sets);
  });
});
