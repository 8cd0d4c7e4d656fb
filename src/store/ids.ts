// Ids: a kind, an underscore, the time in milliseconds and 11 random letters or digits (56 bits, so that no two of one
// millisecond meet). New ones sort behind older ones: rows that are made together lie together in every index.
import { customAlphabet } from 'nanoid';

const RADIX = 36;
/** Enough until the year 5188. */
const TIME_DIGITS = 9;
const random = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 11);

export function newId(kind: 'task' | 'subtask' | 'key'): string {
  return `${kind}_${Date.now().toString(RADIX).padStart(TIME_DIGITS, '0')}${random()}`;
}
