// Parts that the schemas of addresses share: what a person may have typed behind the `?`, in which a wrong value is none.
import { z } from 'zod';

const WORDS_MAX = 200;

/** The router reads `?text=5` as a number and `?text=true` as a boolean. */
export const addressWords = z
  .union([z.string(), z.number(), z.boolean()])
  .transform((value) => String(value).trim())
  .pipe(z.string().min(1).max(WORDS_MAX))
  .optional()
  .catch(undefined);

const HOUR_MS = 3_600_000;

/** How far back a list looks. */
export const SPANS = {
  '1h': { words: 'Last hour', ms: HOUR_MS },
  '24h': { words: 'Last 24 hours', ms: 24 * HOUR_MS },
  '7d': { words: 'Last 7 days', ms: 7 * 24 * HOUR_MS },
  '30d': { words: 'Last 30 days', ms: 30 * 24 * HOUR_MS },
} as const;

export type Span = keyof typeof SPANS;
export const SPAN_NAMES = Object.keys(SPANS) as [Span, ...Span[]];
export const addressSpan = z.enum(SPAN_NAMES).optional().catch(undefined);
