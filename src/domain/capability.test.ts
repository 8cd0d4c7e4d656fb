import { describe, expect, it } from 'vitest';
import { CAPABILITIES, countOf, covers, inOrder, isCapability, maskOf } from './capability.ts';

describe('capabilities', () => {
  it('are exactly the six of the contract', () => {
    expect([...CAPABILITIES].sort()).toEqual([
      'api_integration',
      'code_generation',
      'data_analysis',
      'database_operations',
      'file_processing',
      'web_scraping',
    ]);
  });

  it('are told from other words', () => {
    expect(CAPABILITIES.every(isCapability)).toBe(true);
    for (const word of ['', 'cooking', 'Data_Analysis', 'toString']) expect(isCapability(word)).toBe(false);
  });
});

describe('capabilities in order', () => {
  it('are the same list for the same set, each once', () => {
    const once = ['data_analysis', 'web_scraping', 'api_integration'];
    expect(inOrder(['api_integration', 'web_scraping', 'data_analysis', 'web_scraping'])).toEqual(once);
    expect(inOrder(CAPABILITIES.toReversed())).toEqual(CAPABILITIES);
    expect(inOrder([])).toEqual([]);
  });
});

describe('capability masks', () => {
  it('give each capability a bit of its own', () => {
    const bits = CAPABILITIES.map((capability) => maskOf([capability]));
    expect(new Set(bits).size).toBe(6);
    expect(bits.map(countOf)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(maskOf(CAPABILITIES)).toBe(63);
  });

  it('do not depend on order or repetition', () => {
    expect(maskOf(['web_scraping', 'data_analysis', 'web_scraping'])).toBe(maskOf(['data_analysis', 'web_scraping']));
    expect(maskOf([])).toBe(0);
    expect(countOf(0)).toBe(0);
  });

  it('cover another set exactly when they hold all of its members', () => {
    for (let offered = 0; offered < 64; offered += 1) {
      for (let needed = 0; needed < 64; needed += 1) {
        const has = CAPABILITIES.filter((_, bit) => offered & (1 << bit));
        const wants = CAPABILITIES.filter((_, bit) => needed & (1 << bit));
        expect(covers(offered, needed)).toBe(wants.every((capability) => has.includes(capability)));
        expect(countOf(offered)).toBe(has.length);
      }
    }
  });
});
