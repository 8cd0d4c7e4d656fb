// What is said when the orchestrator cannot be reached.
import { AppError } from '../domain/errors.ts';

export function orchestratorAway(url: string, cause: Error): AppError {
  return new AppError('orchestrator_away', `the orchestrator at ${url} does not answer: is it running?`, { cause });
}
