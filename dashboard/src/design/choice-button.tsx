// The button of a menu of choices: it says what is chosen.
import { ChevronDown } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { buttonClasses } from './button.tsx';

interface Choice<Value extends string> {
  value: Value;
  words: ReactNode;
}

export interface ChoiceMenuProps<Value extends string> {
  /** What is chosen, such as "Status": names the button. */
  label: string;
  choices: readonly Choice<Value>[];
  value: Value;
  onChange: (value: Value) => void;
}

type ChoiceButtonProps = ComponentProps<'button'> & {
  label: string;
  choices: readonly Choice<string>[];
  value: string;
};

export function ChoiceButton({ label, choices, value, ...rest }: ChoiceButtonProps) {
  const chosen = choices.find((choice) => choice.value === value);
  return (
    <button type="button" {...rest} className={buttonClasses()}>
      <span className="text-ink-3">{label}</span>
      <span className="inline-flex items-center gap-1.5">{chosen?.words ?? value}</span>
      <ChevronDown aria-hidden size={14} className="text-ink-3" />
    </button>
  );
}
