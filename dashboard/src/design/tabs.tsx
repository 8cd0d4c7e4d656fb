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
    <div className="flex shrink-0 flex-wrap items-center gap-x-3 border-b px-3">
      <fieldset aria-label={label} className="-mb-px flex min-w-0 gap-1 overflow-x-auto">
        {tabs.map((tab) => (
          <TabButton key={tab.value} tab={tab} isShown={tab.value === value} onShow={() => onChange(tab.value)} />
        ))}
      </fieldset>
      {aside && (
        <div className="flex items-center gap-2 max-sm:w-full max-sm:border-t max-sm:py-1.5 sm:ml-auto">{aside}</div>
      )}
    </div>
  );
}

interface TabButtonProps {
  tab: Tab<string>;
  isShown: boolean;
  onShow: () => void;
}

function TabButton({ tab, isShown, onShow }: TabButtonProps) {
  return (
    <button
      type="button"
      aria-pressed={isShown}
      onClick={onShow}
      className={classes(
        'flex h-10 items-center gap-1.5 border-b-2 px-2 text-sm whitespace-nowrap transition-colors',
        isShown ? 'border-accent font-medium text-ink' : 'border-transparent text-ink-2 hover:text-ink',
      )}
    >
      {tab.icon && <tab.icon aria-hidden size={14} className="max-sm:hidden" />}
      {tab.words}
      {tab.count !== undefined && <span className="nums text-xs text-ink-3">{tab.count}</span>}
      {tab.shortcut && <kbd className="hidden font-sans text-2xs text-ink-3 md:inline">{tab.shortcut}</kbd>}
    </button>
  );
}
