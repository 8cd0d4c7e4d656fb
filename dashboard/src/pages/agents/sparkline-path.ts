// Where the line of a small chart runs, and what it says in words.

export interface Reading {
  /** Milliseconds since 1970. */
  at: number;
  /** 0 to 100. */
  percent: number;
}

interface Box {
  width: number;
  height: number;
}

/** Points of a polyline, left the oldest; the height of the box is 100 percent. */
export function linePoints(readings: readonly Reading[], { width, height }: Box): string {
  const [first, last] = [readings[0], readings.at(-1)];
  if (!first || !last) return '';
  const span = Math.max(1, last.at - first.at);
  return readings
    .map(({ at, percent }) => `${round(((at - first.at) / span) * width)},${round(height - (percent / 100) * height)}`)
    .join(' ');
}

/** "between 4% and 31% in the last 40 s". */
export function lineWords(readings: readonly Reading[]): string {
  const percents = readings.map((reading) => Math.round(reading.percent));
  const [first, last] = [readings[0], readings.at(-1)];
  if (!first || !last || readings.length < 2) return 'no history yet';
  const seconds = Math.round((last.at - first.at) / 1_000);
  return `between ${Math.min(...percents)}% and ${Math.max(...percents)}% over ${seconds} s`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
