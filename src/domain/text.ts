// How long a text is, and which texts can be kept: the same in every service and in the database.
import { z } from 'zod';

/** Characters as PostgreSQL counts them: code points, not UTF-16 units. */
export function characters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

export interface TextBounds {
  min: number;
  max: number;
  /** What to do about a text that is too short, and about one that is too long. */
  tooShort: string;
  tooLong: string;
}

/** Text without surrounding space (zod counts code points too), within the bounds, and without U+0000, which PostgreSQL cannot hold. */
export function boundedText({ min, max, tooShort, tooLong }: TextBounds) {
  return z
    .string()
    .trim()
    .min(min, `must be at least ${min} characters: ${tooShort}`)
    .max(max, `must be at most ${max} characters: ${tooLong}`)
    .refine((text) => !text.includes('\u0000'), 'holds the character U+0000: remove it');
}
