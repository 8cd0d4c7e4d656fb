// Money, tokens, bytes and counts in words.

/** Dollars, with as many digits as a small sum needs. */
export function formatCost(usd: number): string {
  if (usd === 0) return '$0';
  if (usd < 0.0001) return '< $0.0001';
  return `$${usd.toFixed(usd < 0.1 ? 4 : 2)}`;
}

const STEPS = [
  { from: 1_000_000, letter: 'M' },
  { from: 1_000, letter: 'k' },
] as const;

/** 950, 1.2k, 34k, 1.5M. */
export function formatCount(count: number): string {
  const step = STEPS.find(({ from }) => count >= from);
  if (!step) return String(count);
  const value = count / step.from;
  return `${value < 10 ? (Math.floor(value * 10) / 10).toString() : Math.floor(value)}${step.letter}`;
}

const BYTES = ['B', 'KB', 'MB', 'GB'] as const;

export function formatBytes(bytes: number): string {
  const power = Math.min(BYTES.length - 1, bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(1_024)));
  const value = bytes / 1_024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${BYTES[power]}`;
}

/** Exact, with separators: 2,000. */
export function formatWhole(count: number): string {
  return count.toLocaleString('en');
}

/** "1 subtask", "3 subtasks". */
export function plural(count: number, word: string): string {
  return `${formatWhole(count)} ${word}${count === 1 ? '' : 's'}`;
}
