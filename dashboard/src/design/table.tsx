// Tables: quiet lines, a head that stays, numbers at the right. Rows are the page's own.
import type { ComponentProps } from 'react';
import { classes } from './classes.ts';

export function Table({ className, ...rest }: ComponentProps<'table'>) {
  return <table className={classes('w-full border-collapse text-left text-sm', className)} {...rest} />;
}

export function HeadCell({ className, ...rest }: ComponentProps<'th'>) {
  return (
    <th
      scope="col"
      className={classes('border-b bg-surface px-3 py-2 text-xs font-medium whitespace-nowrap text-ink-3', className)}
      {...rest}
    />
  );
}

export function Cell({ className, ...rest }: ComponentProps<'td'>) {
  return <td className={classes('border-b px-3 py-2 align-middle', className)} {...rest} />;
}
