// The list of a menu of choices, on Radix: loaded when a menu is first opened, and open from then on as it is told. It is
// not modal: Radix's modal parts lock scrolling by an inline <style>, which the content security policy refuses.
import { Check } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { ChoiceButton, type ChoiceMenuProps } from './choice-button.tsx';

const PANEL =
  'z-50 min-w-44 max-h-80 overflow-y-auto rounded-lg border bg-raised p-1 shadow-pop data-[state=open]:animate-none';
const ITEM =
  'relative flex items-center gap-2 rounded-md py-1.5 pr-8 pl-2 text-sm text-ink outline-none select-none cursor-pointer data-[highlighted]:bg-hover data-[disabled]:opacity-50';

/** The button and its list, open at first. */
export function ChoiceList<Value extends string>({ label, choices, value, onChange }: ChoiceMenuProps<Value>) {
  return (
    <DropdownMenu.Root modal={false} defaultOpen>
      <DropdownMenu.Trigger asChild>
        <ChoiceButton label={label} choices={choices} value={value} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align="start" sideOffset={4} className={PANEL}>
          <DropdownMenu.RadioGroup value={value} onValueChange={(next) => onChange(next as Value)}>
            {choices.map((choice) => (
              <DropdownMenu.RadioItem key={choice.value} value={choice.value} className={ITEM}>
                {choice.words}
                <DropdownMenu.ItemIndicator className="absolute right-2">
                  <Check aria-hidden size={14} className="text-accent-ink" />
                </DropdownMenu.ItemIndicator>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
