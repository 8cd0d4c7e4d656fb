// What an examination finds: one thing looked at, how it stands, and what to do about it.

export const VERDICTS = ['ok', 'warning', 'wrong'] as const;
/** `warning`: it works, but not as it might. `wrong`: Muster cannot start or work like this. */
export type Verdict = (typeof VERDICTS)[number];

export interface Finding {
  /** What was looked at, such as `PostgreSQL`. */
  check: string;
  verdict: Verdict;
  message: string;
  /** What to do; null when there is nothing to be done. */
  mend: string | null;
}

export const ok = (check: string, message: string): Finding => ({ check, verdict: 'ok', message, mend: null });
export const warning = (check: string, message: string, mend: string): Finding => ({
  check,
  verdict: 'warning',
  message,
  mend,
});
export const wrong = (check: string, message: string, mend: string): Finding => ({
  check,
  verdict: 'wrong',
  message,
  mend,
});
