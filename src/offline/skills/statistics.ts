// Statistics of a table: count, sum, mean, median, min, max and standard deviation of each numeric column, computed by
// run_code when it is offered. Without numbers it says what the text is; without data it says that.
import { isObject, parseJson } from '../prompt.ts';
import { done, type Outcome, type Skill, type Steps } from '../skill.ts';
import type { Work } from '../work.ts';
import { findCalculations } from './calculations.ts';
import { findTable, type TableText, tableAtHand } from './table-source.ts';
import { type ColumnStatistics, describeTable, tableProgram } from './table-statistics.ts';

const WANTED =
  /\b(?:statistics?|stats|how many (?:rows|lines|records)|mean|median|average|standard deviation|std|min(?:imum)?|max(?:imum)?|sum|total|count|analy[sz]e|analy[sz]ing|analysis|trends?|describe)\b/i;
const DATA =
  /\b(?:csv|tsv|json|data|dataset|files?|tables?|columns?|spreadsheet|readings|records|values|measurements|trends?|it|them|results?|\w+\.(?:csv|tsv|json|txt))\b/i;

export const statistics: Skill = {
  fits: (work) => {
    if (!WANTED.test(work.text)) return false;
    if (tableAtHand(work) !== undefined) return true;
    return (DATA.test(work.text) || hasSource(work)) && findCalculations(work.text).length === 0;
  },
  *run(work) {
    const table = yield* findTable(work);
    if (typeof table === 'string') return done(table, { available: false });
    return yield* describe(work, table);
  },
};

function hasSource(work: Work): boolean {
  return work.dependencies.length > 0 || work.files.length > 0;
}

function* describe(work: Work, table: TableText): Steps<Outcome> {
  const byTool = work.tools.has('run_code');
  const { rows, columns } = byTool ? yield* describeByTool(table) : describeTable(table.text);
  const names = Object.keys(columns);
  const how = byTool ? 'computed with run_code' : 'computed without run_code, which this subtask was not granted';
  const caveat = table.truncated ? ' Only the beginning of the file was read.' : '';
  const data = { available: true, source: table.origin, rows, columns, result: columns, truncated: table.truncated };
  if (names.length === 0) {
    const words = table.text.split(/\s+/).filter(Boolean).length;
    return done(`${table.origin} has no column of numbers: ${table.text.length} characters, ${words} words.${caveat}`, {
      ...data,
      words,
    });
  }
  const lines = Object.entries(columns).map(([name, each]) => `${name}: ${show(each)}`);
  return done(`Statistics of ${table.origin} (${rows} rows, ${how}): ${lines.join('; ')}.${caveat}`, data);
}

function* describeByTool(
  table: TableText,
): Steps<{ rows: number; columns: Record<string, Partial<ColumnStatistics>> }> {
  const answer = yield {
    tool: 'run_code',
    input: { code: tableProgram(), input: { text: table.text } },
    say: `I compute the statistics of ${table.origin} with run_code.`,
  };
  const parsed = parseJson(answer.text);
  const result = isObject(parsed) && isObject(parsed.result) ? parsed.result : {};
  const columns = isObject(result.columns) ? Object.entries(result.columns) : [];
  return {
    rows: Number(result.rows ?? 0),
    columns: Object.fromEntries(columns.flatMap(([name, each]) => (isObject(each) ? [[name, each]] : []))),
  };
}

function show(column: Partial<ColumnStatistics>): string {
  return [
    `count ${column.count}`,
    `sum ${column.sum}`,
    `mean ${column.mean}`,
    `median ${column.median}`,
    `min ${column.min}`,
    `max ${column.max}`,
    `standard deviation ${column.standard_deviation ?? 'undefined'} (sample)`,
    `change from first to last ${column.change}`,
  ].join(', ');
}
