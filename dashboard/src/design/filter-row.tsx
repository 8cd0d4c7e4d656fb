// What narrows a list, in one row: words first, then what else the list can be narrowed by, and a way back.
import type { ReactNode, Ref } from 'react';
import { Button } from './button.tsx';
import { SearchField } from './search-field.tsx';

interface FilterRowProps {
  /** What the words are looked for in. */
  label: string;
  text: string | undefined;
  onText: (text: string | undefined) => void;
  /** For a shortcut that goes there. */
  field: Ref<HTMLInputElement>;
  /** Null: nothing is narrowed. */
  onClear: (() => void) | null;
  children: ReactNode;
}

export function FilterRow({ label, text, onText, field, onClear, children }: FilterRowProps) {
  return (
    <search className="mb-3 flex shrink-0 flex-wrap items-center gap-2">
      <SearchField label={label} value={text} onChange={onText} field={field} className="min-w-48 grow sm:max-w-80" />
      {children}
      {onClear && (
        <Button kind="quiet" onClick={onClear}>
          Clear filters
        </Button>
      )}
    </search>
  );
}
