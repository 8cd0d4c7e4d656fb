// SQL: runs a statement that stands in the subtask, or the catalogue query behind "how many tables are there".

import { isObject, parseJson } from '../prompt.ts';
import { done, type Outcome, type Skill, type Steps } from '../skill.ts';
import { findSql } from '../sql-text.ts';
import { fileNamed } from './file-text.ts';

const TABLES = "select table_name from information_schema.tables where table_schema = 'workspace' order by table_name";
const READING = /^\s*(?:select|with|values|explain)\b/i;
const ROWS_HANDED_ON = 50;
const MAX_STATEMENTS = 5;

export const sql: Skill = {
  fits: (work) => statementFor(work.text) !== undefined,
  *run(work) {
    const statements = split(statementFor(work.text) ?? '');
    let outcome = done('The statement was empty.');
    for (const statement of statements)
      outcome = yield* READING.test(statement) ? query(statement) : execute(statement);
    return statements.length < 2
      ? outcome
      : { ...outcome, summary: `Ran ${statements.length} statements; the last one: ${outcome.summary}` };
  },
};

function statementFor(text: string): string | undefined {
  const given = findSql(text);
  if (given !== undefined) return given;
  if (fileNamed(text) !== undefined || /\b(?:csv|file)\b/i.test(text)) return undefined;
  const counted = /\bhow many (?:rows|records)\b.*?\b(?:in|of|does)\s+(?:the\s+)?(?:table\s+)?["'`]?([a-z_]\w*)/i.exec(
    text,
  )?.[1];
  if (counted !== undefined) return `select count(*) as row_count from workspace."${counted}"`;
  return /\b(?:how many|list|show|which|what|name|count)\b.*\btables\b/i.test(text) ? TABLES : undefined;
}

// Several plain statements run one after the other. Anything else goes to the tool whole, for it to judge and refuse.
function split(text: string): string[] {
  const statements = (text.match(/(?:'(?:[^']|'')*'|"[^"]*"|[^;'"])+/g) ?? [])
    .map((each) => each.trim())
    .filter(Boolean);
  const plain = statements.every((each) =>
    /^(?:select|insert|update|delete|create|drop|alter|values|with)\b/i.test(each),
  );
  return plain && statements.length <= MAX_STATEMENTS ? statements : [text];
}

function* query(statement: string): Steps<Outcome> {
  const answer = yield {
    tool: 'database_query',
    input: { sql: statement },
    say: 'I run the query with database_query.',
  };
  const parsed = parseJson(answer.text);
  const rows: unknown[] = isObject(parsed) && Array.isArray(parsed.rows) ? parsed.rows : [];
  const columns = isObject(parsed) && Array.isArray(parsed.columns) ? parsed.columns : [];
  const count = isObject(parsed) ? Number(parsed.row_count ?? rows.length) : 0;
  const value = singleValue(rows);
  const shown = value === undefined ? JSON.stringify(rows.slice(0, 10)) : String(value);
  return done(`The query answered ${count} ${count === 1 ? 'row' : 'rows'}: ${shown}.`, {
    sql: statement,
    columns,
    rows: rows.slice(0, ROWS_HANDED_ON),
    row_count: count,
    result: value ?? count,
  });
}

function* execute(statement: string): Steps<Outcome> {
  const answer = yield { tool: 'database_execute', input: { sql: statement }, say: 'I run it with database_execute.' };
  const parsed = parseJson(answer.text);
  const { command, row_count: count } = isObject(parsed) ? parsed : {};
  return done(`${command ?? 'The statement'} done; rows affected: ${count ?? 0}.`, {
    sql: statement,
    command: command ?? null,
    row_count: count ?? 0,
    result: count ?? 0,
  });
}

function singleValue(rows: unknown[]): unknown {
  const [row] = rows;
  if (rows.length !== 1 || !isObject(row)) return undefined;
  const values = Object.values(row);
  return values.length === 1 ? values[0] : undefined;
}
