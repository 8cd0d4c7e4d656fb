// What a parser accepts and a service had better not.
import { expect, it } from 'vitest';
import { AppError } from '../domain/errors.ts';
import { parseJson } from './json-body.ts';

const BODY = { what: 'the body' };

function refusal(text: string, place: Parameters<typeof parseJson>[1] = BODY): { message: string; field: unknown } {
  try {
    parseJson(text, place);
  } catch (error) {
    if (error instanceof AppError && error.code === 'invalid_request') return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

it('is read as it is, up to 200 levels', () => {
  expect(parseJson('{"a":[1,{"b":null}]}', BODY)).toEqual({ a: [1, { b: null }] });
  for (const text of ['null', '7', '"text"', nested(200), `{"a":${nested(199)}}`])
    expect(JSON.stringify(parseJson(text, BODY))).toBe(text);
});

it.each([
  ['{"a":', undefined],
  ['{"__proto__":{}}', undefined],
  [`[[{"__proto__":{}}]]`, undefined],
  ['{"a":1,"b":{"c":[{"__proto__":1}]}}', 'b'],
  [nested(203), undefined],
  [nested(50_000), undefined],
  [`{"a":1,"b":${nested(203)}}`, 'b'],
])('%.40s is refused, and the field that is to blame named', (text, field) => {
  expect(refusal(text).field).toBe(field);
});

it('names the field that the whole text stands in', () => {
  for (const text of ['{', '{"a":{"__proto__":1}}', nested(300)])
    expect(refusal(text, { what: 'plan', field: 'plan' })).toMatchObject({
      field: 'plan',
      message: expect.stringMatching(/^plan /),
    });
});
