// Finds a table of comma-separated lines inside a text, for the planner (it must not be cut) and for statistics.

/** The block of at least two CSV lines in `text`, exactly as it stands there; undefined when there is none. */
export function findCsv(text: string): string | undefined {
  const lines = text.split('\n');
  let from = 0;
  while (from < lines.length) {
    const header = tablePart(lines[from] ?? '');
    const to = endOfTable(lines, from + 1, commas(header));
    const rows = lines.slice(from + 1, to);
    if (commas(header) > 0 && rows.some(hasNumber)) return [header, ...rows].join('\n').trimEnd();
    // No later line of this block can start a table either, except its last one before a new block.
    from = Math.max(from + 1, to - 1);
  }
  return undefined;
}

// "Statistics of this CSV: name,score" ends in a header; "Mean, please:" announces one.
function tablePart(line: string): string {
  if (line.trimEnd().endsWith(':')) return '';
  return line.slice(line.search(/:(?=[^:]*$)\s*\S/) + 1).trimStart();
}

function endOfTable(lines: string[], from: number, width: number): number {
  let to = from;
  while (to < lines.length && commas(lines[to] ?? '') === width) to += 1;
  return to;
}

function commas(line: string): number {
  return line.replaceAll(/"[^"]*"/g, '').split(',').length - 1;
}

function hasNumber(line: string): boolean {
  return line.split(',').some((cell) => /^\s*"?-?\d+(?:\.\d+)?"?\s*$/.test(cell));
}
