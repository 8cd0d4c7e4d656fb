// Instants and durations that keep up with the clock. One timer serves all of them on a page.
import { useSyncExternalStore } from 'react';
import { formatAgo, formatDuration, formatInstant } from '../format/time.ts';

const TICK_MS = 1_000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now();
    timer = setInterval(tick, TICK_MS);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}

const never = () => () => undefined;

/** Milliseconds since 1970, renewed every second while `ticking`. */
export function useNow(ticking = true): number {
  return useSyncExternalStore(ticking ? subscribe : never, () => now);
}

/** "3 min ago"; the exact time on hover. */
export function Ago({ at }: { at: string }) {
  const current = useNow();
  return (
    <time dateTime={at} title={formatInstant(at)} className="nums whitespace-nowrap">
      {formatAgo(Date.parse(at), current)}
    </time>
  );
}

/** From an instant to another, or to now while there is no other. */
export function Elapsed({ from, to }: { from: string | null; to: string | null }) {
  const current = useNow(from !== null && to === null);
  if (from === null) return <span className="text-ink-3">–</span>;
  const end = to === null ? current : Date.parse(to);
  return <span className="nums whitespace-nowrap">{formatDuration(Math.max(0, end - Date.parse(from)))}</span>;
}
