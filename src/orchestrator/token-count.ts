// What planning and summaries cost in tokens, kept with the task. A count that cannot be stored must not fail the work.
import type { ModelTokens } from '../domain/attempt.ts';
import { addPlannerTokens } from '../store/purses.ts';
import type { Parts } from './parts.ts';

export async function countTokens(
  { db, logger, metrics }: Pick<Parts, 'db' | 'logger' | 'metrics'>,
  { taskId, purpose }: { taskId: string; purpose: 'planning' | 'summary' },
  used: readonly ModelTokens[],
): Promise<void> {
  if (used.length === 0) return;
  const sum = sumOf(used);
  metrics.modelUsed(purpose, sum);
  await addPlannerTokens(db, taskId, sum).catch((error: unknown) => {
    logger.warn({ err: error, task_id: taskId }, 'the tokens of planning or of the summary could not be counted');
  });
}

export function sumOf(used: readonly ModelTokens[]): ModelTokens {
  return {
    input_tokens: used.reduce((total, one) => total + one.input_tokens, 0),
    output_tokens: used.reduce((total, one) => total + one.output_tokens, 0),
  };
}
