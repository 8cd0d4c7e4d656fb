// Buttons, and links that look like them. One `primary` a view at most.
import type { ComponentProps } from 'react';
import { classes } from './classes.ts';

type Kind = 'primary' | 'secondary' | 'quiet' | 'danger';

const KINDS: Record<Kind, string> = {
  primary: 'bg-accent text-on-accent border-transparent hover:brightness-110 font-medium',
  secondary: 'bg-raised border-line-strong text-ink hover:bg-hover',
  quiet: 'border-transparent text-ink-2 hover:bg-hover hover:text-ink',
  danger: 'tone-red border-line-strong bg-raised text-danger hover:tinted',
};

const SHAPE =
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border text-sm whitespace-nowrap transition-colors select-none disabled:opacity-50 disabled:pointer-events-none';

export function buttonClasses(kind: Kind = 'secondary', size: 'small' | 'medium' = 'medium'): string {
  return classes(SHAPE, KINDS[kind], size === 'small' ? 'h-7 px-2' : 'h-8 px-3');
}

interface ButtonProps extends ComponentProps<'button'> {
  kind?: Kind;
  size?: 'small' | 'medium';
}

export function Button({ kind = 'secondary', size = 'medium', className, type = 'button', ...rest }: ButtonProps) {
  return <button type={type} className={classes(buttonClasses(kind, size), className)} {...rest} />;
}

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'aria-label'> {
  /** Read aloud, and shown on hover. */
  label: string;
}

export function IconButton({ label, className, type = 'button', ...rest }: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={classes(
        'inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-2 transition-colors hover:bg-hover hover:text-ink disabled:pointer-events-none disabled:opacity-50',
        className,
      )}
      {...rest}
    />
  );
}
