// Menus of actions and menus of choices, on Radix. They are not modal: Radix's modal parts lock scrolling by an inline
// <style>, which the content security policy refuses.
import { Check, ChevronDown } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { buttonClasses } from './button.tsx';
import { classes } from './classes.ts';

const PANEL =
  'z-50 min-w-44 max-h-80 overflow-y-auto rounded-lg border bg-raised p-1 shadow-pop data-[state=open]:animate-none';
const ITEM =
  'flex items-center gap-2 rounded-md px-2 py-1.5 text-sm text-ink outline-none select-none cursor-pointer data-[highlighted]:bg-hover data-[disabled]:opacity-50';

interface MenuProps {
  /** The button that opens it; one element that takes a ref. */
  trigger: ReactNode;
  children: ReactNode;
  align?: 'start' | 'end';
}

export function Menu({ trigger, children, align = 'end' }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align={align} sideOffset={4} className={PANEL}>
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export interface Choice<Value extends string> {
  value: Value;
  words: ReactNode;
}

interface ChoiceMenuProps<Value extends string> {
  /** What is chosen, such as "Status": names the button. */
  label: string;
  choices: readonly Choice<Value>[];
  value: Value;
  onChange: (value: Value) => void;
}

/** A select: the button says what is chosen. */
export function ChoiceMenu<Value extends string>({ label, choices, value, onChange }: ChoiceMenuProps<Value>) {
  const chosen = choices.find((choice) => choice.value === value);
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className={buttonClasses()}>
          <span className="text-ink-3">{label}</span>
          <span className="inline-flex items-center gap-1.5">{chosen?.words ?? value}</span>
          <ChevronDown aria-hidden size={14} className="text-ink-3" />
        </button>
      }
    >
      <DropdownMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as Value)}>
        {choices.map((choice) => (
          <DropdownMenu.RadioItem key={choice.value} value={choice.value} className={classes(ITEM, 'pr-8 relative')}>
            {choice.words}
            <DropdownMenu.ItemIndicator className="absolute right-2">
              <Check aria-hidden size={14} className="text-accent-ink" />
            </DropdownMenu.ItemIndicator>
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
    </Menu>
  );
}
