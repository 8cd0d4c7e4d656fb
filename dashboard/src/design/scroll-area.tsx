// A region that scrolls by itself, and can be reached by keyboard to do so.
import type { ReactNode } from 'react';
import { classes } from './classes.ts';

interface ScrollAreaProps {
  label: string;
  className?: string;
  children: ReactNode;
}

export function ScrollArea({ label, className, children }: ScrollAreaProps) {
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      aria-label={label}
      className={classes('min-h-0 overflow-auto outline-offset-[-2px]', className)}
    >
      {children}
    </section>
  );
}
