// How far something is: a bar in parts, each with a tone, read as one number.
import type { Tone } from './status.tsx';

export interface BarPart {
  tone: Tone;
  amount: number;
}

interface ProgressBarProps {
  label: string;
  done: number;
  total: number;
  /** Default: what is done, in green. */
  parts?: readonly BarPart[];
  thin?: boolean;
}

export function ProgressBar({ label, done, total, parts, thin = false }: ProgressBarProps) {
  const shown = parts ?? [{ tone: 'green' as const, amount: done }];
  const whole = Math.max(1, total);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      aria-valuetext={`${done} of ${total}`}
      className={`flex w-full overflow-hidden rounded-full bg-line ${thin ? 'h-1' : 'h-1.5'}`}
    >
      {shown.map((part) => (
        <div
          key={part.tone}
          className={`tone-${part.tone} bg-fill transition-[width] duration-300`}
          style={{ width: `${(100 * part.amount) / whole}%` }}
        />
      ))}
    </div>
  );
}
