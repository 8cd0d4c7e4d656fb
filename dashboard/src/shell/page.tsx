// A page's frame: its title, in the tab too, what can be done, and its content at a readable width.
import { type ReactNode, useEffect } from 'react';
import { classes } from '../design/classes.ts';

/** Names the tab. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Muster`;
  }, [title]);
}

interface PageProps {
  title: string;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  /** For forms and prose. */
  narrow?: boolean;
  /** As high as the window: what scrolls is a part of it. */
  fill?: boolean;
  children: ReactNode;
}

export function Page({ title, actions, narrow = false, fill = false, children }: PageProps) {
  useTitle(title);
  return (
    <div
      className={classes(
        'mx-auto w-full px-4 py-5 sm:px-6',
        narrow ? 'max-w-3xl' : 'max-w-[1400px]',
        fill && 'flex min-h-96 grow basis-0 flex-col',
      )}
    >
      <div className="mb-4 flex min-h-8 items-center justify-between gap-3">
        <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
        {actions && <div className="flex items-center gap-2">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
