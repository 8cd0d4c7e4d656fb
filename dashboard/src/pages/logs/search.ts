// What the address of the logs holds: all that narrows them. From it comes what is asked of the API.
import { z } from 'zod';
import { LOG_LEVELS } from '../../../../src/domain/log.ts';
import { addressSpan, addressWords, SPANS } from '../../data/address.ts';

const instant = z.iso.datetime().optional().catch(undefined);

export const logSearch = z.object({
  agent: addressWords,
  /** This level and the graver ones. */
  level: z.enum(LOG_LEVELS).optional().catch(undefined),
  task: addressWords,
  text: addressWords,
  since: addressSpan,
  /** Bounds of a range of one's own; they count instead of `since`. */
  from: instant,
  to: instant,
});
export type LogSearch = z.infer<typeof logSearch>;

export const NO_LOG_FILTERS: LogSearch = {
  agent: undefined,
  level: undefined,
  task: undefined,
  text: undefined,
  since: undefined,
  from: undefined,
  to: undefined,
};

export function isNarrowed(search: LogSearch): boolean {
  return Object.keys(NO_LOG_FILTERS).some((name) => search[name as keyof LogSearch] !== undefined);
}

/** Lines of a range that has an end are all there: nothing comes after them. */
export function isTail({ to }: LogSearch): boolean {
  return to === undefined;
}

/** The filters as GET /logs and GET /logs/stream name them. `before` is of the list alone. */
export function askedOf(search: LogSearch, now: number) {
  const { agent, level, task, text, since, from, to } = search;
  const isOwnRange = from !== undefined || to !== undefined;
  const after = isOwnRange ? from : since && new Date(now - SPANS[since].ms).toISOString();
  return { filters: { agent_id: agent, level, task_id: task, text, after }, before: to };
}

/** An instant as a field of date and time holds it, in the reader's own zone; and back. */
export function toField(at: string | undefined): string {
  if (at === undefined) return '';
  const date = new Date(at);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function fromField(value: string): string | undefined {
  const at = value === '' ? Number.NaN : Date.parse(value);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
