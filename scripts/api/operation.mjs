// One operation as a section of a page: purpose, role, parameters, body, answers, errors, examples.
import { curlOf, printed } from './curl.mjs';
import { nameOf } from './examples.mjs';
import { rowsOf, typeOf } from './schema-rows.mjs';

/** @typedef {import('./schema-rows.mjs').Schema} Schema */
/** @typedef {Record<string, { schema: Schema }>} Content */

/**
 * @typedef {object} Operation
 * @property {string} method In capitals.
 * @property {string} path
 * @property {string} operationId
 * @property {string} summary
 * @property {string} [description]
 * @property {string} [x-access] The least role that may call it; `open`: anybody; `agent`: agents.
 * @property {{ name: string, in: string, required?: boolean, description?: string, schema: Schema }[]} [parameters]
 * @property {{ content: Content }} [requestBody]
 * @property {Record<string, { description: string, content?: Content }>} responses
 */

/** @typedef {{ service: 'orchestrator' | 'agent', examples: import('./examples.mjs').Example[], answers: Record<string, unknown>, codes: string[] }} Sources */

/** Said once for all operations, in docs/api.md. */
const EVERYWHERE = ['unauthorized', 'forbidden', 'rate_limited', 'internal'];

const ROLES = {
  open: 'anybody',
  read: 'role `read`',
  submit: 'role `submit`',
  operate: 'role `operate`',
  agent: 'agents, by `MUSTER_AGENT_TOKEN`',
};

/** @param {Operation} operation @param {Sources} sources */
export function operationSection(operation, { service, examples, answers, codes }) {
  const { operationId, method, path, summary, description } = operation;
  return [
    `## ${operationId}`,
    `\`${method} ${path}\` · for ${whoMay(operation)}`,
    description ? `${summary} ${description}` : summary,
    ...parameterTable(operation),
    ...bodyTables(operation),
    answerTable(operation, codes),
    ...fieldTables(operation),
    ...examples.map((example) => exampleBlock(example, { operation, service, answer: answers[nameOf(example)] })),
  ].join('\n\n');
}

/** @param {Operation} operation */
function whoMay({ 'x-access': access }) {
  const words = Object.entries(ROLES).find(([name]) => name === access)?.[1];
  if (!words) throw new Error(`${access} is no access that the pages know`);
  return words;
}

/** @param {Operation} operation */
function parameterTable({ parameters = [] }) {
  if (parameters.length === 0) return [];
  const rows = parameters.map((one) => {
    const preset = one.schema.default === undefined ? '' : ` Default: \`${one.schema.default}\`.`;
    const notes = `${one.required ? 'Required. ' : ''}${one.description ?? ''}${preset}`.trim();
    return `| \`${one.name}\` | ${one.in} | ${cell(typeOf(one.schema))} | ${cell(notes)} |`;
  });
  return [['| parameter | in | type | |', '|---|---|---|---|', ...rows].join('\n')];
}

/** @param {Operation} operation */
function bodyTables({ requestBody }) {
  return Object.entries(requestBody?.content ?? {}).map(([mediaType, { schema }]) =>
    fieldTable(`Body, \`${mediaType}\``, schema, { marksRequired: true }),
  );
}

/** @param {Operation} operation @param {string[]} codes */
function answerTable({ responses }, codes) {
  const rows = Object.entries(responses).flatMap(([status, { description }]) => {
    const named = codes.filter((code) => labelOf(code).test(description));
    if (named.length > 0 && named.every((code) => EVERYWHERE.includes(code))) return [];
    const text = named.reduce((so, code) => so.replace(labelOf(code), `\`${code}\`: `), description);
    return [`| ${status} | ${cell(text)} |`];
  });
  return ['| answer | |', '|---|---|', ...rows].join('\n');
}

/** Where a description names this code, and not one that ends like it. @param {string} code */
function labelOf(code) {
  return new RegExp(`\\b${code}: `);
}

/** Those of the answers that are no errors. @param {Operation} operation */
function fieldTables({ responses }) {
  return Object.entries(responses).flatMap(([status, { content }]) => {
    const schema = content?.['application/json']?.schema;
    if (Number(status) >= 400 || !schema?.properties) return [];
    const table = fieldTable(`Fields of the answer ${status}`, schema, { marksRequired: false });
    return [`<details><summary>Fields of the answer ${status}</summary>\n\n${table.split('\n\n')[1]}\n\n</details>`];
  });
}

/** @param {string} title @param {Schema} schema @param {{ marksRequired: boolean }} options */
function fieldTable(title, schema, { marksRequired }) {
  const rows = rowsOf(schema).map(({ name, type, required, description }) => {
    const notes = marksRequired && required ? `Required. ${description}` : description;
    return `| \`${name}\` | ${cell(type)} | ${cell(notes.trim())} |`;
  });
  return `${title}:\n\n${['| field | type | |', '|---|---|---|', ...rows].join('\n')}`;
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/**
 * @param {import('./examples.mjs').Example} example
 * @param {{ operation: Operation, service: string, answer: unknown }} shown
 */
function exampleBlock(example, { operation, answer }) {
  const isText = typeof answer === 'string';
  return [
    `**${example.title ?? 'Example'}**, answered with ${example.status}:`,
    `\`\`\`sh\n${curlOf(example, operation)}\n\`\`\``,
    `\`\`\`${isText ? 'text' : 'json'}\n${isText ? answer.trimEnd() : printed(answer)}\n\`\`\``,
  ].join('\n\n');
}
