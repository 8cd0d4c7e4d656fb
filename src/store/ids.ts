// Ids: a kind, an underscore, 20 lower-case letters and digits (103 random bits, so no two will meet).
import { customAlphabet } from 'nanoid';

const random = customAlphabet('0123456789abcdefghijklmnopqrstuvwxyz', 20);

export function newId(kind: 'task' | 'subtask' | 'key'): string {
  return `${kind}_${random()}`;
}
