// What the bars of the timeline mean.
import { classes } from '../../../design/classes.ts';

const SIGNS = [
  { words: 'waiting for dependencies', sign: 'h-0.5 bg-line-strong' },
  { words: 'queued', sign: 'tone-cyan tinted-strong h-2.5 rounded-sm' },
  { words: 'backing off', sign: 'tone-amber tinted-strong h-2.5 rounded-sm' },
  { words: 'running', sign: 'tone-blue bg-fill h-2.5 rounded-sm' },
  { words: 'completed', sign: 'tone-green bg-fill h-2.5 rounded-sm' },
  { words: 'failed', sign: 'tone-red bg-fill h-2.5 rounded-sm' },
] as const;

export function Legend() {
  return (
    <div className="flex shrink-0 flex-wrap gap-x-4 gap-y-1 border-t px-3 py-1.5 text-2xs text-ink-3">
      {SIGNS.map(({ words, sign }) => (
        <span key={words} className="flex items-center gap-1.5">
          <span aria-hidden className={classes('w-4', sign)} />
          {words}
        </span>
      ))}
    </div>
  );
}
