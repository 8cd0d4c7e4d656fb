// Instants and durations in words, short and of one width: 850 ms, 4.2 s, 3 min 05 s, 2 h 10 min, 3 d 4 h.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function formatDuration(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return pair(ms, { unit: MINUTE, name: 'min', part: SECOND, partName: 's' });
  if (ms < DAY) return pair(ms, { unit: HOUR, name: 'h', part: MINUTE, partName: 'min' });
  return pair(ms, { unit: DAY, name: 'd', part: HOUR, partName: 'h' });
}

function pair(
  ms: number,
  { unit, name, part, partName }: Record<'unit' | 'part', number> & Record<'name' | 'partName', string>,
): string {
  const parts = Math.floor((ms % unit) / part);
  return `${Math.floor(ms / unit)} ${name} ${String(parts).padStart(2, '0')} ${partName}`;
}

/** "now", "12 s ago", "in 4 min": one unit, rounded down. */
export function formatAgo(at: number, now: number): string {
  const distance = Math.abs(now - at);
  if (distance < 5 * SECOND) return 'now';
  const words = oneUnit(distance);
  return at > now ? `in ${words}` : `${words} ago`;
}

function oneUnit(ms: number): string {
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

const INSTANT = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/** Date and time in the reader's own zone and language. */
export function formatInstant(at: string): string {
  return INSTANT.format(new Date(at));
}

/** Hours, minutes and seconds. */
export function formatClock(at: string): string {
  return CLOCK.format(new Date(at));
}
