import { expect, it } from 'vitest';
import { formatBytes, formatCost, formatCount, plural } from './amount.ts';

it('writes small sums with the digits they need', () => {
  expect([0, 0.00001, 0.00345, 0.5, 12.345].map(formatCost)).toEqual(['$0', '< $0.0001', '$0.0034', '$0.50', '$12.35']);
});

it('shortens counts without rounding them up', () => {
  expect([950, 1_290, 34_999, 1_500_000].map(formatCount)).toEqual(['950', '1.2k', '34k', '1.5M']);
});

it('writes bytes in the largest fitting unit', () => {
  expect([0, 900, 1_536, 5_000_000].map(formatBytes)).toEqual(['0 B', '900 B', '1.5 KB', '4.8 MB']);
});

it('counts one thing in the singular', () => {
  expect([plural(1, 'subtask'), plural(2_000, 'subtask')]).toEqual(['1 subtask', '2,000 subtasks']);
});
