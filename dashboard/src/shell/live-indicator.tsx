// Whether what is on the screen is live. Silent for readers of the screen while all is well.
import type { LiveState } from '../data/live-connection.ts';
import { useLiveState } from '../data/use-live.ts';
import { classes } from '../design/classes.ts';
import { formatClock } from '../format/time.ts';

const TONES = { connecting: 'tone-grey', live: 'tone-green', away: 'tone-amber', off: 'tone-grey' } as const;

export function LiveIndicator() {
  const state = useLiveState();
  if (state.kind === 'off') return null;
  return (
    <span
      role="status"
      className={classes(TONES[state.kind], 'flex items-center gap-1.5 text-xs whitespace-nowrap text-tone')}
    >
      <span
        aria-hidden
        className={classes('size-1.5 rounded-full bg-fill', state.kind !== 'live' && 'animate-pulse-soft')}
      />
      {wordsFor(state)}
    </span>
  );
}

function wordsFor(state: Exclude<LiveState, { kind: 'off' }>): string {
  if (state.kind === 'live') return 'Live';
  if (state.kind === 'connecting') return 'Connecting';
  return `Not live since ${formatClock(new Date(state.since).toISOString())}, reconnecting`;
}
