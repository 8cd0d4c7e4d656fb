// docs/api.md and docs/api/ are the pages made from the OpenAPI documents, the examples and their answers, and no others.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../scripts/api/examples.mjs';
import { apiPages, operationsOf } from '../../scripts/api/pages.mjs';
import { rowsOf } from '../../scripts/api/schema-rows.mjs';
import { ERRORS } from '../../src/domain/errors.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const documents = {
  orchestrator: JSON.parse(read('contracts/orchestrator-api.json')),
  agent: JSON.parse(read('contracts/agent-api.json')),
};
const pages = apiPages({
  documents,
  examples: EXAMPLES,
  answers: JSON.parse(read('tests/docs/api-answers.json')),
  codes: Object.keys(ERRORS),
});

describe('the pages of the HTTP API', () => {
  it.each(Object.entries(pages))('%s is the one that is made', (name, text) => {
    expect(read(`docs/${name}`), 'is stale: run "npm run generate"').toBe(text);
  });

  it('are all there are', () => {
    const kept = readdirSync(new URL('../../docs/api/', import.meta.url)).map((name) => `api/${name}`);
    expect(kept.toSorted()).toEqual(Object.keys(pages).slice(1).toSorted());
  });

  it('have a section with who may call it, and a command, for each operation', () => {
    for (const { operationId, method, path } of [documents.orchestrator, documents.agent].flatMap(operationsOf)) {
      const place = `## ${operationId}\n\n\`${method} ${path}\` · for `;
      const page = Object.values(pages).find((text) => text.includes(place)) ?? '';
      const section = page.slice(page.indexOf(place)).split('\n## ')[0];
      expect(section, operationId).toMatch(/```sh\ncurl -s/);
    }
  });

  it('mark the code of an error as a whole, also where it ends like another code', () => {
    const marks = Object.values(pages).flatMap((text) => [...text.matchAll(/[\w`]+(?=: )/g)].map(String));
    expect(marks).toContain('`headers_too_large`');
    expect(marks.filter((mark) => /\w`\w+`/.test(mark))).toEqual([]);
  });

  it('are linked from their index', () => {
    const targets = [...(pages['api.md'] ?? '').matchAll(/\]\((api\/\w+\.md)#(\w+)\)/g)];
    expect(targets).toHaveLength([documents.orchestrator, documents.agent].flatMap(operationsOf).length);
    for (const [, page = '', anchor] of targets) expect(pages[page]?.toLowerCase()).toContain(`\n## ${anchor}\n`);
  });
});

describe('a table of fields', () => {
  it('says type, limits and words of every field, and goes into lists, objects and alternatives', () => {
    const rows = rowsOf({
      required: ['steps'],
      properties: {
        steps: {
          type: 'array',
          minItems: 1,
          maxItems: 9,
          items: { type: 'object', properties: { cost: { type: 'number', minimum: 0, exclusiveMinimum: true } } },
        },
        at: { type: 'string', format: 'date-time', nullable: true },
        id: { type: 'string', pattern: '^task_' },
        status: {
          anyOf: [
            { type: 'string', enum: ['a', 'b'] },
            { type: 'object', properties: { why: {} } },
          ],
        },
        limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
      },
    });
    expect(rows.map(({ name, type }) => `${name}: ${type}`)).toEqual([
      'steps: list of object, 1 to 9',
      'steps[].cost: number over 0',
      'at: instant or null',
      'id: id `task_…`',
      'status: `a`, `b` or object',
      'status.why: any JSON',
      'limit: whole number, 1 to 200',
    ]);
    expect(rows[0]).toMatchObject({ required: true });
    expect(rows.at(-1)).toMatchObject({ required: false, description: 'Default: `50`.' });
  });
});
