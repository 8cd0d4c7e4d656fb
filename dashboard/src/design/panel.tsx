// A surface with a title: what most pages are made of.
import type { ReactNode } from 'react';
import { classes } from './classes.ts';

interface PanelProps {
  title?: ReactNode;
  /** Stands at the right of the title. */
  aside?: ReactNode;
  children: ReactNode;
  /** Without inner margins, for tables and lists. */
  flush?: boolean;
  className?: string;
}

export function Panel({ title, aside, children, flush = false, className }: PanelProps) {
  return (
    <section className={classes('rounded-lg border bg-surface', flush && 'overflow-clip', className)}>
      {title && (
        <div className="flex min-h-10 items-center justify-between gap-3 border-b px-4 py-1.5">
          <h2 className="text-sm font-semibold">{title}</h2>
          {aside && <div className="flex items-center gap-2 text-sm">{aside}</div>}
        </div>
      )}
      <div className={classes(!flush && 'p-4')}>{children}</div>
    </section>
  );
}
