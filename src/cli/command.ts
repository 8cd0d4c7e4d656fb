// What every command is made with: its surroundings, and the options that several commands share.
import { InvalidArgumentError, Option } from 'commander';
import type { Client, NewLimits } from '../protocol/client.ts';
import type { Io } from './io.ts';

/** What a command is given to work with. */
export interface Context {
  client: Client;
  io: Io;
}

/** Made when a command runs, since only then the options are known. Throws a UsageError for a wrong address. */
export type Connect = (options?: ConnectOptions) => Context;

export interface ConnectOptions {
  /** Requests that take longer fail. Default: none does. */
  timeoutMs?: number;
}

export function jsonOption(): Option {
  return new Option(
    '--json',
    'print one JSON document on standard output and nothing else; an error is one line of JSON, too',
  ).default(false);
}

export function limitOption(): Option {
  return new Option('--limit <n>', 'at most this many, newest first').default(50).argParser(parseLimit);
}

/** What a task may use; read back by `limitsOf`. */
export function budgetOptions(): Option[] {
  return [
    new Option('--budget <usd>', 'dollars that its attempts may cost together').argParser(parseAmount),
    new Option('--max-turns <n>', 'answers of the model that its attempts may use together').argParser(parseAmount),
  ];
}

export interface BudgetOptions {
  budget?: number;
  maxTurns?: number;
}

export function limitsOf({ budget, maxTurns }: BudgetOptions): NewLimits {
  return { budget_usd: budget, max_turns: maxTurns };
}

/** How large, and how fine, is the service's to judge. */
function parseAmount(text: string): number {
  const amount = Number(text);
  if (Number.isFinite(amount) && amount > 0) return amount;
  throw new InvalidArgumentError('It must be a number above 0.');
}

const LIMIT_MAX = 200;

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${LIMIT_MAX}.`);
}
