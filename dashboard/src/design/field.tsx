// Labelled fields. The label is always visible; hint and error are read with the field.
import { type ComponentProps, type ReactNode, useId } from 'react';
import { classes } from './classes.ts';

const BOX =
  'w-full rounded-md border bg-raised px-2.5 text-base text-ink outline-offset-0 focus-visible:outline-2 focus-visible:outline-accent';

interface Frame {
  label: string;
  hint?: ReactNode;
  /** In words, with the mend; replaces the hint. */
  error?: string | null | undefined;
  /** Stands at the right of the label, such as a count. */
  aside?: ReactNode;
}

type TextFieldProps = Frame & Omit<ComponentProps<'input'>, 'id'>;

export function TextField({ label, hint, error, aside, className, ...rest }: TextFieldProps) {
  const id = useId();
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error} aside={aside}>
      <input
        id={id}
        className={classes(BOX, 'h-8', border(error), className)}
        {...described(id, hint, error)}
        {...rest}
      />
    </FieldFrame>
  );
}

type TextAreaProps = Frame & Omit<ComponentProps<'textarea'>, 'id'>;

export function TextArea({ label, hint, error, aside, className, ...rest }: TextAreaProps) {
  const id = useId();
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error} aside={aside}>
      <textarea
        id={id}
        className={classes(BOX, 'block resize-y py-2', border(error), className)}
        {...described(id, hint, error)}
        {...rest}
      />
    </FieldFrame>
  );
}

function FieldFrame({ id, label, hint, error, aside, children }: Frame & { id: string; children: ReactNode }) {
  return (
    <div className="grid gap-1.5">
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="text-sm font-medium text-ink">
          {label}
        </label>
        {aside && <span className="nums text-xs text-ink-3">{aside}</span>}
      </div>
      {children}
      {(error || hint) && (
        <p id={`${id}-more`} className={classes('text-xs', error ? 'text-danger' : 'text-ink-3')}>
          {error || hint}
        </p>
      )}
    </div>
  );
}

function border(error: string | null | undefined): string {
  return error ? 'border-danger' : 'border-line-strong';
}

function described(id: string, hint: ReactNode, error: string | null | undefined) {
  return {
    'aria-describedby': hint || error ? `${id}-more` : undefined,
    'aria-invalid': error ? true : undefined,
  };
}
