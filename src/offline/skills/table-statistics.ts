// Descriptive statistics of a table given as CSV, TSV or JSON text. The functions run here or, as source text, inside
// run_code, so they may use one another and the language, and nothing else. Standard deviations are of a sample (n-1).

export interface ColumnStatistics {
  count: number;
  sum: number;
  mean: number;
  median: number;
  min: number;
  max: number;
  /** Null for a single value. */
  standard_deviation: number | null;
  /** Last value minus first value. */
  change: number;
}

export interface TableStatistics {
  rows: number;
  columns: Record<string, ColumnStatistics>;
}

/** JavaScript that computes `describeTable(input.text)`. */
export function tableProgram(): string {
  const parts = [
    describeTable,
    readTable,
    tableOfRecords,
    recordsIn,
    splitLine,
    delimiterOf,
    toNumber,
    describeColumn,
    tidy,
  ];
  return `${parts.map(String).join('\n\n')}\n\ndescribeTable(input.text);`;
}

export function describeTable(text: string): TableStatistics {
  const [header = [], ...rows] = readTable(text);
  const columns: Record<string, ColumnStatistics> = {};
  for (const [index, name] of header.entries()) {
    const cells = rows.map((row) => row[index] ?? '').filter((cell) => cell !== '');
    const numbers = cells.map(toNumber).filter((number) => number !== undefined);
    // A column with one stray word in it is still a column of numbers; one with mostly words is not.
    if (numbers.length > 0 && numbers.length * 2 > cells.length) columns[name] = describeColumn(numbers);
  }
  return { rows: rows.length, columns };
}

function readTable(text: string): string[][] {
  if (/^\s*[[{]/.test(text)) {
    try {
      return tableOfRecords(JSON.parse(text));
    } catch {
      // Text that only looks like JSON is read as lines.
    }
  }
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const delimiter = delimiterOf(lines[0] ?? '');
  const rows = lines.map((line) => splitLine(line, delimiter));
  const first = rows[0] ?? [];
  if (first.some((cell) => toNumber(cell) === undefined)) return rows;
  return [first.map((_, index) => `column ${index + 1}`), ...rows];
}

function tableOfRecords(value: unknown): string[][] {
  const records = recordsIn(value).map((item) =>
    typeof item === 'object' && item !== null ? Object.entries(item) : [['value', item]],
  );
  const names = [...new Set(records.flatMap((record) => record.map((entry) => String(entry[0]))))];
  const cell = (record: unknown[][], name: string): string =>
    String(record.find((entry) => entry[0] === name)?.[1] ?? '');
  return [names, ...records.map((record) => names.map((name) => cell(record, name)))];
}

// A service wraps its records (`{"data":[…]}`) or answers one list a column (`{"time":[…],"temperature":[…]}`).
function recordsIn(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== 'object' || value === null) return [value];
  const lists = Object.entries(value).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
  const length = lists[0]?.[1].length ?? 0;
  if (lists.length === 1 && typeof lists[0]?.[1][0] === 'object') return lists[0][1];
  if (length > 0 && lists.every((entry) => entry[1].length === length)) {
    return Array.from({ length }, (_, row) => Object.fromEntries(lists.map(([name, list]) => [name, list[row]])));
  }
  const inner = Object.values(value).filter((each) => typeof each === 'object' && each !== null);
  return inner.map(recordsIn).find((records) => records.length > 1) ?? [value];
}

function splitLine(line: string, delimiter: string): string[] {
  const cells = [''];
  let quoted = false;
  for (const character of line) {
    if (character === '"') quoted = !quoted;
    else if (character === delimiter && !quoted) cells.push('');
    else cells.push(cells.pop() + character);
  }
  return cells.map((cell) => cell.trim());
}

function delimiterOf(line: string): string {
  const counts = [',', ';', '\t'].map((each) => ({ each, count: line.split(each).length }));
  return counts.sort((a, b) => b.count - a.count)[0]?.each ?? ',';
}

function toNumber(cell: string): number | undefined {
  return /^[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/i.test(cell) ? Number(cell) : undefined;
}

function describeColumn(numbers: number[]): ColumnStatistics {
  const sorted = [...numbers].sort((a, b) => a - b);
  const count = numbers.length;
  const sum = numbers.reduce((a, b) => a + b, 0);
  const mean = sum / count;
  const at = (index: number): number => sorted[index] ?? 0;
  const squares = numbers.reduce((total, number) => total + (number - mean) ** 2, 0);
  return {
    count,
    sum: tidy(sum),
    mean: tidy(mean),
    median: tidy((at(Math.floor((count - 1) / 2)) + at(Math.floor(count / 2))) / 2),
    min: at(0),
    max: at(count - 1),
    standard_deviation: count > 1 ? tidy(Math.sqrt(squares / (count - 1))) : null,
    change: tidy((numbers[count - 1] ?? 0) - (numbers[0] ?? 0)),
  };
}

// Twelve digits hide the noise of binary fractions: 0.1 + 0.2 is 0.3.
function tidy(number: number): number {
  return Number(number.toPrecision(12));
}
