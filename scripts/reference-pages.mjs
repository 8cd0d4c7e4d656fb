// The pages of docs/ that are made from the code: settings, errors, states. Pure: what is read and written where is
// generate-docs.mjs's.
import { z } from 'zod';

const NOTE = '<!-- Made by `npm run generate` from';

/**
 * docs/configuration.md.
 * @param {z.ZodObject} settings
 */
export function configurationPage(settings) {
  const { properties = {} } = z.toJSONSchema(settings, { io: 'input', unrepresentable: 'any' });
  const rows = Object.entries(properties).map(([name, schema]) => {
    const property = /** @type {z.core.JSONSchema.BaseSchema} */ (schema);
    const preset = settings.shape[name]?.safeParse(undefined).data;
    return `| \`${name}\` | ${allowed(property)} | ${shown(preset)} | ${cell(property.description ?? '')} |`;
  });
  return `${NOTE} src/config.ts. -->
# Configuration

Settings come from the environment. A file \`.env\` in the working directory is read too; a variable that is already set
wins over it, and a variable set to nothing counts as not set. A wrong value stops the start with a line that names it,
and so does an unknown name that begins with \`MUSTER_\`.

| name | allowed | default | what it is for |
|---|---|---|---|
${rows.join('\n')}
`;
}

/** @param {z.core.JSONSchema.BaseSchema} property */
function allowed(property) {
  if (property.enum) return property.enum.map((word) => `\`${word}\``).join(', ');
  if (property.type !== 'integer') return property.format === 'uri' ? 'URL' : 'text';
  const from = property.minimum ?? Number(property.exclusiveMinimum ?? Number.NaN) + 1;
  const { maximum = Number.MAX_SAFE_INTEGER } = property;
  return `whole number, ${maximum < Number.MAX_SAFE_INTEGER ? `${from} to ${maximum}` : `at least ${from}`}`;
}

/** @param {unknown} preset */
function shown(preset) {
  if (preset === undefined) return 'not set';
  if (preset === null) return '`off`';
  return Array.isArray(preset) && preset.length === 0 ? 'empty' : `\`${preset}\``;
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** @typedef {{ status: number | null, retryable: boolean, meaning: string }} ErrorEntry */

/**
 * docs/errors.md.
 * @param {Readonly<Record<string, ErrorEntry>>} errors
 */
export function errorsPage(errors) {
  const entries = Object.entries(errors);
  const overHttp = entries.filter(([, entry]) => entry.status !== null);
  const ofAttempts = entries.filter(([, entry]) => entry.status === null);
  return `${NOTE} src/domain/errors.ts. -->
# Errors

## Answers of the HTTP services

Every answer with a status of 400 or above has the body \`{"detail": "…", "code": "…"}\`, and \`field\` besides when one field
is to blame. \`detail\` is for people and names the value and the mend; programs go by \`code\`.

| code | HTTP status | may the same request be repeated | meaning |
|---|---|---|---|
${overHttp.map(([code, entry]) => `| \`${code}\` | ${entry.status} | ${entry.retryable ? 'yes' : 'no'} | ${cell(entry.meaning)} |`).join('\n')}

## Failures of attempts

These stand in \`error_code\` of a subtask's result. A transient failure is tried again after a pause, three failures in
all; a final one is not.

| code | kind | meaning |
|---|---|---|
${ofAttempts.map(([code, entry]) => `| \`${code}\` | ${entry.retryable ? 'transient' : 'final'} | ${cell(entry.meaning)} |`).join('\n')}
`;
}

/** @typedef {Readonly<Record<string, { from: readonly string[], to: string, event: string }>>} Transitions */

/**
 * docs/states.md.
 * @param {{ TASK_TRANSITIONS: Transitions, SUBTASK_TRANSITIONS: Transitions, ENDED_TASK_STATUSES: readonly string[] }} tables
 */
export function statesPage({ TASK_TRANSITIONS, SUBTASK_TRANSITIONS, ENDED_TASK_STATUSES }) {
  return `${NOTE} src/domain/transitions.ts. -->
# States

Each arrow is one guarded statement in the database and writes the event of its row in the same transaction.

## Task

${diagram(TASK_TRANSITIONS, ['pending'], ENDED_TASK_STATUSES)}

${eventTable(TASK_TRANSITIONS)}

A task begins with the event \`task.created\`. Completed and cancelled are for ever; a failed task can be retried.
\`started_at\` is when its run began: with its plan, or with its last retry. Durations count from there.

## Subtask

${diagram(SUBTASK_TRANSITIONS, ['pending', 'ready'], ['completed', 'cancelled'])}

${eventTable(SUBTASK_TRANSITIONS)}

A subtask begins \`pending\` when it has dependencies and \`ready\` when it has none. \`release\` gives back a subtask that no
agent took up, or that an agent handed back unfinished; it counts no failure. \`retry\` and \`reopen\` happen when the failed
task is retried. A subtask that backs off is \`ready\` with a time before which nobody may claim it.
`;
}

/**
 * @param {Transitions} transitions
 * @param {readonly string[]} first
 * @param {readonly string[]} last
 */
function diagram(transitions, first, last) {
  const arrows = Object.entries(transitions).flatMap(([name, { from, to }]) =>
    from.map((status) => `    ${status} --> ${to}: ${name}`),
  );
  return [
    '```mermaid',
    'stateDiagram-v2',
    ...first.map((status) => `    [*] --> ${status}`),
    ...arrows,
    ...last.map((status) => `    ${status} --> [*]`),
    '```',
  ].join('\n');
}

/** @param {Transitions} transitions */
function eventTable(transitions) {
  const rows = Object.entries(transitions).map(
    ([name, { from, to, event }]) => `| ${name} | ${from.join(', ')} | ${to} | \`${event}\` |`,
  );
  return ['| move | from | to | event |', '|---|---|---|---|', ...rows].join('\n');
}
