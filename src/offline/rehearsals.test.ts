import { describe, expect, it } from 'vitest';
import { isOverloadRehearsal, isRefusalRehearsal, rehearsedDelayMs } from './rehearsals.ts';

describe('rehearsals', () => {
  it.each([
    ['wait 30 seconds', 30_000],
    ['Count slowly for 1.5 s', 1500],
    ['Sleep for 200 ms', 200],
    ['pause 20 milliseconds', 20],
    ['wait for 2 minutes', 120_000],
    ['Wait 1 min', 60_000],
    ['wait 5000 seconds', 600_000],
  ])('%s takes %d ms', (text, delay) => {
    expect(rehearsedDelayMs(text)).toBe(delay);
  });

  it('leave every other text alone', () => {
    expect(rehearsedDelayMs('What do 30 seconds of waiting cost?')).toBeUndefined();
    expect(isOverloadRehearsal('Explain model overload')).toBe(false);
    expect(isRefusalRehearsal('Explain a refusal')).toBe(false);
  });
});
