// How what a command throws reaches a person or a program: one line on standard error and an exit code. --verbose adds
// stacks and causes; with --json the line is JSON.
import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { z } from 'zod';
import { ClientError } from '../protocol/client.ts';
import { Failure, UsageError } from './failure.ts';
import { type Io, writeJsonLine } from './io.ts';
import { block, oneLine } from './text.ts';

export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

export interface ReportOptions {
  json: boolean;
  verbose: boolean;
}

/** Returns the exit code. */
export function report(error: unknown, io: Io, { json, verbose }: ReportOptions): number {
  // Commander has already said what was wrong, or printed the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const stack = verbose ? { stack: inspect(error, { depth: 4 }) } : {};
  if (json) writeJsonLine(io.stderr, { error: { ...describe(error), ...stack } });
  else writeText(io, error, verbose);
  return error instanceof UsageError ? EXIT.usage : EXIT.failed;
}

/** What Commander itself found wrong with the words it was given. */
export function reportUsage(text: string, io: Io, json: boolean): void {
  const message = oneLine(text.replace(/^error: /, ''));
  if (json) writeJsonLine(io.stderr, { error: { code: 'usage', message } });
  else io.stderr.write(`muster: ${message}\n`);
}

function writeText(io: Io, error: unknown, verbose: boolean): void {
  io.stderr.write(`muster: ${messageOf(error)}\n`);
  if (!verbose || !(error instanceof Error)) return;
  if (error instanceof ClientError && error.requestId) io.stderr.write(`request id: ${oneLine(error.requestId)}\n`);
  io.stderr.write(`${block(inspect(error, { depth: 4 }))}\n`);
}

function describe(error: unknown) {
  const of =
    error instanceof ClientError ? { field: error.field, status: error.status, request_id: error.requestId } : {};
  return { code: codeOf(error), message: messageOf(error), ...of };
}

const coded = z.object({ code: z.string() });

/** The service's or the client's code, the system's (ENOENT), or what the exit code says. */
function codeOf(error: unknown): string {
  if (error instanceof UsageError) return 'usage';
  return coded.safeParse(error).data?.code ?? (error instanceof Failure ? 'failed' : 'internal');
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error));
  const field =
    error instanceof ClientError && error.field && !error.message.startsWith(error.field) ? `${error.field}: ` : '';
  return oneLine(field + error.message.replaceAll('\n', '; '));
}
