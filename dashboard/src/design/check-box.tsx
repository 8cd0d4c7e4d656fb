// A check box that fits the theme, with room around it for a finger.
import { Check, Minus } from 'lucide-react';
import { useEffect, useRef } from 'react';

interface CheckBoxProps {
  /** Read aloud; what stands beside it is the caller's. */
  label: string;
  checked: boolean;
  /** Some of what it stands for is checked. */
  partly?: boolean;
  onChange: (checked: boolean) => void;
}

export function CheckBox({ label, checked, partly = false, onChange }: CheckBoxProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (input.current) input.current.indeterminate = partly && !checked;
  }, [partly, checked]);
  const Sign = checked ? Check : Minus;
  return (
    <label className="relative -m-2 flex w-max cursor-pointer p-2">
      <input
        ref={input}
        type="checkbox"
        aria-label={label}
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="size-4 cursor-pointer appearance-none rounded-sm border border-line-strong bg-raised transition-colors checked:border-accent checked:bg-accent indeterminate:border-accent indeterminate:bg-accent hover:border-accent"
      />
      {(checked || partly) && (
        <Sign aria-hidden size={12} strokeWidth={3} className="pointer-events-none absolute m-0.5 text-on-accent" />
      )}
    </label>
  );
}
