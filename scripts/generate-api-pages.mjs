// Writes docs/api.md and docs/api/ from contracts/, which generate-contracts.mjs wrote before, and from the examples.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { EXAMPLES } from './api/examples.mjs';
import { apiPages } from './api/pages.mjs';

const read = (/** @type {string} */ path) => JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'));
const { ERRORS } = await import(new URL('../dist/domain/errors.js', import.meta.url).href);

const docs = new URL('../docs/', import.meta.url);
rmSync(new URL('api/', docs), { recursive: true, force: true });
mkdirSync(new URL('api/', docs));
const pages = apiPages({
  documents: { orchestrator: read('contracts/orchestrator-api.json'), agent: read('contracts/agent-api.json') },
  examples: EXAMPLES,
  answers: read('tests/docs/api-answers.json'),
  codes: Object.keys(ERRORS),
});
for (const [name, text] of Object.entries(pages)) {
  writeFileSync(new URL(name, docs), text);
  console.log(`docs/${name}`);
}
