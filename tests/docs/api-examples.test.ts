// The examples of docs/api/ are sent, in order, to a whole Muster: each gets the answer that the page shows, and one that
// the OpenAPI document allows. `npx vitest run tests/docs/api-examples.test.ts -u && npm run generate` after a change.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLES, type Example, nameOf } from '../../scripts/api/examples.mjs';
import { operationsOf } from '../../scripts/api/pages.mjs';
import { createClient } from '../../src/protocol/client.ts';
import { startMuster, type TestMuster } from '../support/muster.ts';
import { type Answer, ExampleSession } from './example-session.ts';
import { asJsonSchema } from './json-schema.ts';
import { StableAnswers } from './stable-answer.ts';

const ANSWERS = new URL('./api-answers.json', import.meta.url);
const TOKEN = 'the token of the examples';
const ajv = new Ajv({ strict: false, formats: { 'date-time': true, binary: true } });

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
const OPERATIONS = {
  orchestrator: operationsOf(read('contracts/orchestrator-api.json')),
  agent: operationsOf(read('contracts/agent-api.json')),
};

function operationOf({ of, service = 'orchestrator' }: Example) {
  const operation = OPERATIONS[service].find(({ operationId }) => operationId === of);
  if (!operation) throw new Error(`an example is of ${of}, which is no operation of the ${service}`);
  return operation;
}

describe('the examples', () => {
  it('are of every operation of both services', () => {
    const lacking = Object.entries(OPERATIONS).flatMap(([service, operations]) =>
      operations
        .map(({ operationId }) => operationId)
        .filter((id) => !EXAMPLES.some((one) => one.of === id && (one.service ?? 'orchestrator') === service)),
    );
    expect(lacking, 'add an example to scripts/api/examples.mjs').toEqual([]);
  });

  it('have a name each', () => {
    expect(new Set(EXAMPLES.map(nameOf)).size).toBe(EXAMPLES.length);
  });
});

describe('sent in their order to a whole Muster', () => {
  let muster: TestMuster;
  const answers: [Example, Answer][] = [];

  beforeAll(async () => {
    muster = await startMuster({ MUSTER_AGENT_TOKEN: TOKEN });
    const agents = await createClient({ url: muster.url }).agents();
    const agent = agents.find(({ agent_id }) => agent_id === 'agent_1')?.url ?? '';
    const session = new ExampleSession({ orchestrator: muster.url, agent, agentToken: TOKEN });
    for (const example of EXAMPLES) answers.push([example, await session.send(example, operationOf(example))]);
  }, 120_000);
  afterAll(() => muster?.stop());

  it.each(EXAMPLES.map((example, nth) => [nameOf(example), nth]))('%s is answered as the document says', (_, nth) => {
    const [example, { status, isJson, body }] = answers[nth as number]!;
    expect({ status, body }).toMatchObject({ status: example.status });
    const answer = operationOf(example).responses[String(status)];
    expect(answer, `the document knows status ${status}`).toBeDefined();
    if (!isJson) return;
    const schema = asJsonSchema(answer?.content?.['application/json']?.schema ?? false);
    const validate = ajv.compile(schema as object);
    expect(validate(body) ? [] : validate.errors).toEqual([]);
  });

  it('are answered as the pages show', async () => {
    const stable = new StableAnswers();
    const shown = answers.map(([example, { body }]) => {
      if (typeof body !== 'string')
        return [nameOf(example), stable.of(body, { lists: example.shown ?? {}, measured: example.measured ?? [] })];
      if (example.lines) return [nameOf(example), stable.text(linesOf(body, example.lines))];
      return [nameOf(example), stable.events(body)];
    });
    await expect(`${JSON.stringify(Object.fromEntries(shown), null, 2)}\n`).toMatchFileSnapshot(fileURLToPath(ANSWERS));
  });
});

function linesOf(text: string, pattern: RegExp): string {
  return text
    .split('\n')
    .filter((line) => pattern.test(line))
    .join('\n');
}
