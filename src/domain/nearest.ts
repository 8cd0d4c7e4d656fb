// Which known word somebody meant who wrote an unknown one.

/** Letters of a beginning that names the whole word. */
const BEGINNING = 3;

/** The known word with the fewest letters to change, or that begins so; null when none is near. */
export function nearestWord(word: string, known: readonly string[]): string | null {
  const near = Math.min(4, Math.ceil(word.length / 2));
  const [best] = known
    .map((candidate) => ({ candidate, distance: distanceOf(word, candidate) }))
    .filter(({ candidate, distance }) => distance <= near || beginsWith(candidate, word))
    .sort((a, b) => a.distance - b.distance);
  return best ? best.candidate : null;
}

function beginsWith(candidate: string, word: string): boolean {
  return word.length >= BEGINNING && candidate.startsWith(word);
}

/** What to say about an unknown word: the near one, or all that are known. */
export function suggestWord(word: string, known: readonly string[]): string {
  const nearest = nearestWord(word, known);
  if (nearest) return `did you mean ${nearest}?`;
  return known.length > 0 ? `known are ${known.join(', ')}` : 'leave it out';
}

/** Edit distance (Levenshtein 1966), one row of the table at a time. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const letter of a) row = nextRow(row, letter, b);
  return Math.max(...row.slice(-1));
}

function nextRow(row: readonly number[], letter: string, word: string): number[] {
  const [first, ...rest] = row as [number, ...number[]];
  let diagonal = first;
  let left = first + 1;
  const next = rest.map((above, index) => {
    left = Math.min(left + 1, above + 1, diagonal + (letter === word[index] ? 0 : 1));
    diagonal = above;
    return left;
  });
  return [first + 1, ...next];
}
