// docs/api.md and the pages of docs/api/: every operation of both services, from their OpenAPI documents, the examples and
// the answers that these got. Pure: what is read and written where is generate-api-pages.mjs's.
import { operationSection } from './operation.mjs';

const NOTE =
  '<!-- Made by `npm run generate` from the OpenAPI documents of the services and scripts/api/examples.mjs. -->';

/** Group of operations → what its page is about. */
const GROUPS = {
  tasks: 'Tasks: submit, follow, cancel, retry',
  files: 'Files of a task',
  agents: 'The crew',
  logs: 'Logs of agents',
  service: 'The service itself',
  keys: 'API keys',
  search: 'Search over earlier work',
  workspace: 'The workspace database',
  agent: 'The HTTP service of an agent',
};

/** @typedef {import('./operation.mjs').Operation} Operation */
/** @typedef {{ paths: Record<string, Record<string, Omit<Operation, 'method' | 'path'> & { tags?: string[] }>> }} Document */
/** @typedef {{ orchestrator: Document, agent: Document }} Documents */

/**
 * Path below docs/ → text.
 * @param {{ documents: Documents, examples: import('./examples.mjs').Example[], answers: Record<string, unknown>,
 *   codes: string[] }} sources `codes`: those that an error may have.
 * @returns {Record<string, string>}
 */
export function apiPages({ documents, ...sources }) {
  const groups = grouped(documents);
  const pages = [...groups].map(([group, operations]) => [
    `api/${group}.md`,
    groupPage({ group, operations, sources }),
  ]);
  return { 'api.md': indexPage(groups), ...Object.fromEntries(pages) };
}

/** Every operation of a document. @param {Document} document @returns {(Operation & { tags: string[] })[]} */
export function operationsOf({ paths }) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      tags: [],
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  );
}

/** @param {Documents} documents */
function grouped({ orchestrator, agent }) {
  /** @type {Map<string, Operation[]>} */
  const groups = new Map();
  for (const operation of operationsOf(orchestrator)) {
    const group = operation.tags[0] ?? 'service';
    groups.set(group, [...(groups.get(group) ?? []), operation]);
  }
  return groups.set('agent', operationsOf(agent));
}

/** @param {string} group */
function titleOf(group) {
  return Object.entries(GROUPS).find(([name]) => name === group)?.[1] ?? group;
}

/**
 * @param {{ group: string, operations: Operation[], sources: { examples: import('./examples.mjs').Example[],
 *   answers: Record<string, unknown>, codes: string[] } }} page
 */
function groupPage({ group, operations, sources: { examples, ...rest } }) {
  const service = group === 'agent' ? 'agent' : 'orchestrator';
  const sections = operations.map((operation) => {
    const own = examples.filter(
      (one) => one.of === operation.operationId && (one.service ?? 'orchestrator') === service,
    );
    return operationSection(operation, { service, examples: own, ...rest });
  });
  return `${NOTE}
# ${titleOf(group)}

${operations.map(({ method, path, operationId }) => `- [${method} ${path}](#${operationId.toLowerCase()})`).join('\n')}

What holds for every operation is in [HTTP API](../api.md).

${sections.join('\n\n')}
`;
}

/** @param {Map<string, Operation[]>} groups */
function indexPage(groups) {
  const table = (/** @type {[string, Operation[]]} */ [group, operations]) => `## [${titleOf(group)}](api/${group}.md)

| request | what it does |
|---|---|
${operations.map(({ method, path, operationId, summary }) => `| [\`${method} ${path}\`](api/${group}.md#${operationId.toLowerCase()}) | ${summary} |`).join('\n')}`;
  return `${NOTE}
# HTTP API

The orchestrator listens on port 8000, each agent on a port of its own. Their OpenAPI documents are answered by
\`GET /openapi.json\` and stand in [contracts/](../contracts); TypeScript programs may use the client that the package exports.

- **Where**: \`$MUSTER\` in the examples is \`http://127.0.0.1:8000\`, \`$AGENT\` is \`http://127.0.0.1:8001\`. Other names in capitals
  are what an earlier answer held: \`$TASK\` is the id of a task.
- **Who**: on loopback nobody is asked for a key until one was made; elsewhere every request shows one, as
  \`Authorization: Bearer $KEY\`. \`muster keys create\` makes them. A role allows what the roles before it do: \`read\`, \`submit\`,
  \`operate\`. Operations for agents are asked for the \`MUSTER_AGENT_TOKEN\` instead.
- **Errors** have the body \`{"detail": "…", "code": "…", "field": "…"}\`: [errors.md](errors.md) lists the codes. Any operation may
  answer 401 \`unauthorized\`, 403 \`forbidden\`, 429 \`rate_limited\` (with \`Retry-After\`) and 500 \`internal\`; the pages name the others.
- **Instants** are in UTC as ISO 8601 has them. **Money** is in dollars. Fields may be added to answers; a parameter that an
  operation does not know is refused.
- **Lists** come in pages: \`next_cursor\` of one page is \`cursor\` of the next, and null on the last.
- **Streams** are server-sent events.
- **Examples** are run by the tests against a whole Muster with the offline model. Their ids, instants and measurements are
  replaced by others that do not change; \`"…"\` stands for the rest of a list.

${[...groups].map(table).join('\n\n')}
`;
}
