// A field that narrows a list while one types: it tells after a pause, at once on Enter, and takes over what the address
// says when that changes by itself.
import { type LucideIcon, Search, X } from 'lucide-react';
import { type Ref, useEffect, useRef, useState } from 'react';
import { classes } from './classes.ts';

const PAUSE_MS = 300;

interface SearchFieldProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
  icon?: LucideIcon;
  field?: Ref<HTMLInputElement>;
  className?: string;
}

export function SearchField({ label, value, onChange, icon: Icon = Search, field, className }: SearchFieldProps) {
  const { text, type, tell } = useTypedText(value, onChange);
  return (
    <div className={classes('relative', className)}>
      <Icon aria-hidden size={14} className="absolute top-1/2 left-2.5 -translate-y-1/2 text-ink-3" />
      <input
        ref={field}
        type="text"
        enterKeyHint="search"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={(event) => type(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') tell(text);
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
        className="h-8 w-full rounded-md border border-line-strong bg-raised pr-8 pl-8 text-sm text-ink"
      />
      {text !== '' && (
        <button
          type="button"
          aria-label={`Clear: ${label}`}
          onClick={() => tell('')}
          className="absolute inset-y-0 right-0 flex w-8 items-center justify-center rounded-md text-ink-3 hover:text-ink"
        >
          <X aria-hidden size={14} />
        </button>
      )}
    </div>
  );
}

function useTypedText(value: string | undefined, onChange: (value: string | undefined) => void) {
  const [text, setText] = useState(value ?? '');
  const told = useRef(value ?? '');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    if ((value ?? '') === told.current) return;
    told.current = value ?? '';
    setText(told.current);
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const tell = (next: string) => {
    clearTimeout(timer.current);
    setText(next);
    told.current = next.trim();
    onChange(told.current || undefined);
  };
  const type = (next: string) => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => tell(next), PAUSE_MS);
  };
  return { text, type, tell };
}
