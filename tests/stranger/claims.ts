// Whether an output is what the documentation says it is. `…` stands for anything within a line, any run of blanks for
// one; the claims must be found in their order.
import { stripVTControlCharacters } from 'node:util';

/** The first claim that the output does not keep, or null. */
export function firstUnmet(claims: readonly string[], output: string): string | null {
  const text = plain(output);
  let from = 0;
  for (const claim of claims) {
    const pattern = new RegExp(plain(claim).split('…').map(escaped).join('[^\\n]*'), 'g');
    pattern.lastIndex = from;
    if (!pattern.test(text)) return claim;
    from = pattern.lastIndex;
  }
  return null;
}

function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/[ \t]+/g, ' ');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
