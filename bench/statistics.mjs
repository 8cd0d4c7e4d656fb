// Medians, percentiles and overlaps.

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** Of the values themselves, the nearest rank. @param {number[]} values @param {number} percent */
export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1))] ?? Number.NaN;
}

/** @param {number[]} values @returns {{ median: number, min: number, max: number } | null} */
export function spread(values) {
  if (values.length === 0) return null;
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Times between one start and the next. @param {import('./engines.mjs').Run} run */
export function hops({ spans, starts = spans.map((span) => span.start) }) {
  const sorted = [...starts].sort((a, b) => a - b);
  return sorted.slice(1).map((start, nth) => start - (sorted[nth] ?? start));
}

/** How many ran at the same moment, at most. @param {import('./tally.mjs').Span[]} spans */
export function mostAtOnce(spans) {
  const moments = spans.flatMap(({ start, end }) => [
    { at: start, change: 1 },
    { at: end, change: -1 },
  ]);
  moments.sort((a, b) => a.at - b.at || a.change - b.change);
  let running = 0;
  return moments.reduce((most, { change }) => {
    running += change;
    return Math.max(most, running);
  }, 0);
}

/** A generator of numbers in [0, 1) that a seed repeats (mulberry32). @param {number} seed */
export function dice(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
