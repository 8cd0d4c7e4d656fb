// Lets a person rehearse slowness and failure without a key, by what a subtask says:
//   "wait 30 seconds", "count slowly for 30 seconds"  the model takes that long to answer (at most 600 s)
//   "Simulate model overload"                          the model answers HTTP 529 overloaded_error, every time
//   "Simulate refusal"                                 the model stops with stop_reason "refusal"
// Only an agent's subtask counts, so a task that says one of these is still planned at once.
const MAX_DELAY_MS = 600_000;
const UNIT_MS: Record<string, number> = { m: 60_000, s: 1000, ms: 1 };

/** Milliseconds the subtask asks the model to take; undefined when it asks for none. */
export function rehearsedDelayMs(text: string): number | undefined {
  const found =
    /\b(?:wait|sleep|pause|count slowly)(?:\s+for)?\s+(\d+(?:\.\d+)?)\s*(milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m)\b/i.exec(
      text,
    );
  if (!found) return undefined;
  const unit = (found[2] ?? 's').toLowerCase();
  const unitMs = UNIT_MS[unit.startsWith('mil') ? 'ms' : unit] ?? UNIT_MS[unit.charAt(0)] ?? 1000;
  return Math.min(MAX_DELAY_MS, Number(found[1]) * unitMs);
}

export function isOverloadRehearsal(text: string): boolean {
  return /\bsimulate (?:a )?model overload\b/i.test(text);
}

export function isRefusalRehearsal(text: string): boolean {
  return /\bsimulate (?:a )?(?:model )?refusal\b/i.test(text);
}
