// What a page shows when it has nothing to show: it is loading, there is nothing, or something went wrong. An error says
// what to do.
import { CircleAlert, type LucideIcon, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { wordsOf } from '../data/api.ts';
import { Button } from './button.tsx';
import { classes } from './classes.ts';

interface EmptyProps {
  icon: LucideIcon;
  title: string;
  children?: ReactNode;
}

export function Empty({ icon: Icon, title, children }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-14 text-center">
      <span className="mb-1 flex size-10 items-center justify-center rounded-lg border bg-raised text-ink-3">
        <Icon aria-hidden size={18} />
      </span>
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-md text-sm text-ink-2">{children}</div>}
    </div>
  );
}

export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { title, mend } = wordsOf(error);
  return (
    <div role="alert" className="flex flex-col items-center gap-2 px-6 py-14 text-center">
      <span className="tone-red tinted mb-1 flex size-10 items-center justify-center rounded-lg text-tone">
        <CircleAlert aria-hidden size={18} />
      </span>
      <p className="font-medium">{title}</p>
      <p className="max-w-md text-sm text-ink-2">{mend}</p>
      {onRetry && (
        <Button onClick={onRetry} className="mt-2">
          <RotateCw aria-hidden size={14} />
          Try again
        </Button>
      )}
    </div>
  );
}

/** A grey bar in the place of text that is on its way. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={classes('animate-pulse-soft rounded-sm bg-line', className ?? 'h-4 w-full')} />;
}

/** Says once, to those who cannot see the bars, that something is loading. */
export function Loading({ what, children }: { what: string; children: ReactNode }) {
  return (
    <div role="status" aria-label={`Loading ${what}`}>
      {children}
    </div>
  );
}
