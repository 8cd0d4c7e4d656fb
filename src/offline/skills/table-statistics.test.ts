import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { describeTable, tableProgram } from './table-statistics.ts';

describe('a table', () => {
  it.each<[string, string, { rows: number; columns: string[] }]>([
    ['CSV', 'a,b\n1,x\n2,y\n', { rows: 2, columns: ['a'] }],
    ['CSV without a header', '1,2\n3,4', { rows: 2, columns: ['column 1', 'column 2'] }],
    ['quoted CSV', '"a","b"\n"Lee, Jo","-1.5e3"', { rows: 1, columns: ['b'] }],
    ['semicolons', 'a;b\r\n1;2\r\n', { rows: 1, columns: ['a', 'b'] }],
    ['tabs', 'a\tb\n1\t2', { rows: 1, columns: ['a', 'b'] }],
    ['JSON records', '[{"a":1},{"a":2,"b":"x"}]', { rows: 2, columns: ['a'] }],
    ['one JSON record', '{"a":1}', { rows: 1, columns: ['a'] }],
    ['JSON numbers', '[1,2,null]', { rows: 3, columns: ['value'] }],
    ['wrapped JSON records', '{"ok":true,"data":[{"a":1},{"a":2}]}', { rows: 2, columns: ['a'] }],
    ['JSON columns', '{"unit":{"t":"C"},"hourly":{"time":["x","y"],"t":[1,2]}}', { rows: 2, columns: ['t'] }],
    ['a JSON word', '["x"]', { rows: 1, columns: [] }],
    ['broken JSON', '[1,2', { rows: 0, columns: [] }],
    ['words', 'only words\nand more words', { rows: 1, columns: [] }],
    ['nothing', '', { rows: 0, columns: [] }],
    ['a stray word in a column', 'a\n1\nn/a\n2\n3', { rows: 4, columns: ['a'] }],
    ['mostly words in a column', 'a\n1\nx\ny', { rows: 3, columns: [] }],
  ])('is read from %s, here and in the sandbox alike', (_, text, { rows, columns }) => {
    const here = describeTable(text);
    expect(here.rows).toBe(rows);
    expect(Object.keys(here.columns)).toEqual(columns);
    const there: unknown = vm.runInNewContext(tableProgram(), { input: { text } });
    expect(JSON.parse(JSON.stringify(there))).toEqual(here);
  });

  it('is described by sample statistics', () => {
    expect(describeTable('x\n2\n4\n4\n4\n5\n5\n7\n9').columns.x).toEqual({
      count: 8,
      sum: 40,
      mean: 5,
      median: 4.5,
      min: 2,
      max: 9,
      standard_deviation: 2.1380899353,
      change: 7,
    });
    expect(describeTable('x\n0.1\n0.2').columns.x?.sum).toBe(0.3);
    expect(describeTable('x\n7').columns.x?.standard_deviation).toBeNull();
  });
});
