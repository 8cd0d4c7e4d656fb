// The fields of a plan that nobody reads: a misspelt one would be ignored without a word, and its step run otherwise than
// it was meant. Only for plans that people give; what a model adds is harmless.
import { suggestWord } from './nearest.ts';
import { type PlanProblem, planSchema, planStepSchema } from './plan.ts';

/** `raw` may be anything; what is no plan at all has no problem here. */
export function unknownFields(raw: unknown): PlanProblem[] {
  const steps = isRecord(raw) && Array.isArray(raw.subtasks) ? raw.subtasks : [];
  return [
    ...problemsIn(raw, Object.keys(planSchema.shape), ''),
    ...steps.flatMap((step, index) => problemsIn(step, Object.keys(planStepSchema.shape), `subtasks[${index}].`)),
  ];
}

function problemsIn(value: unknown, known: readonly string[], path: string): PlanProblem[] {
  if (!isRecord(value)) return [];
  const unknown = Object.keys(value).filter((name) => !known.includes(name));
  return unknown.map((name) => {
    const word = name.slice(0, 100);
    return { field: `${path}${word}`, message: `is no field of a plan: ${suggestWord(word, known)}` };
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
