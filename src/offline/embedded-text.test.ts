import { describe, expect, it } from 'vitest';
import { findCsv } from './csv-text.ts';
import { findSql } from './sql-text.ts';

describe('SQL in a text', () => {
  it.each([
    ['Run select 1 + 1 as two and tell me the result', 'select 1 + 1 as two'],
    ['SELECT name FROM people WHERE age > 3;', 'SELECT name FROM people WHERE age > 3'],
    ['Execute "delete from t where a = 1" now', 'delete from t where a = 1'],
    ['Query: `select count(*) from t`, then write a report', 'select count(*) from t'],
    ['```sql\nselect now()\n```\nThanks', 'select now()'],
    ['Run: create table if not exists t (a int)', 'create table if not exists t (a int)'],
    ['Run: drop table t', 'drop table t'],
    ["insert into t values (1, 'x')", "insert into t values (1, 'x')"],
    ['with a as (select 1) select * from a', 'with a as (select 1) select * from a'],
  ])('%j', (text, sql) => {
    expect(findSql(text)).toBe(sql);
  });

  it.each([
    'Select a nice colour',
    'Update me on it',
    'Create a table of contents',
    'Drop the subject',
    'Insert into the text a comma',
  ])('%j has none', (text) => {
    expect(findSql(text)).toBeUndefined();
  });
});

describe('CSV in a text', () => {
  it.each([
    ['Mean of:\na,b\n1,2\n3,4\n\nThanks', 'a,b\n1,2\n3,4'],
    ['Mean of this CSV: a,b\n1,2', 'a,b\n1,2'],
    ['First x, then y, z\nMean, please:\nname,score\nada,3', 'name,score\nada,3'],
    ['a,"b, c"\n1,"2, 3"', 'a,"b, c"\n1,"2, 3"'],
  ])('%j', (text, csv) => {
    expect(findCsv(text)).toBe(csv);
  });

  it.each(['no table', 'a,b', 'one, two\nthree, four', ''])('%j has none', (text) => {
    expect(findCsv(text)).toBeUndefined();
  });
});
