// A row of views of which one is shown, as links: each has its address, so that back and forward work.
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';

export interface Tab<Value extends string> {
  value: Value;
  words: string;
  icon?: LucideIcon;
  /** The key that chooses it, shown beside the word. */
  shortcut?: string;
  count?: number;
}

interface TabsProps<Value extends string> {
  label: string;
  tabs: readonly Tab<Value>[];
  value: Value;
  onChange: (value: Value) => void;
  aside?: ReactNode;
}

export function Tabs<Value extends string>({ label, tabs, value, onChange, aside }: TabsProps<Value>) {
  return (
    <div className="flex items-center gap-3 overflow-x-auto border-b">
      <fieldset aria-label={label} className="flex gap-1">
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            aria-pressed={tab.value === value}
            onClick={() => onChange(tab.value)}
            className={classes(
              '-mb-px flex items-center gap-1.5 border-b-2 px-2 py-2 text-sm whitespace-nowrap transition-colors',
              tab.value === value
                ? 'border-accent font-medium text-ink'
                : 'border-transparent text-ink-2 hover:text-ink',
            )}
          >
            {tab.icon && <tab.icon aria-hidden size={14} />}
            {tab.words}
            {tab.count !== undefined && <span className="nums text-xs text-ink-3">{tab.count}</span>}
            {tab.shortcut && <kbd className="hidden font-sans text-2xs text-ink-3 md:inline">{tab.shortcut}</kbd>}
          </button>
        ))}
      </fieldset>
      {aside && <div className="ml-auto flex items-center gap-2">{aside}</div>}
    </div>
  );
}
