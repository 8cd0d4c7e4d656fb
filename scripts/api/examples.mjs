// The examples of docs/api/: one request or more for every operation, in an order in which they can be run one after the
// other against a fresh Muster. tests/docs/api-examples.test.ts runs them and keeps their answers in
// tests/docs/api-answers.json; the pages are made of both.

/**
 * @typedef {object} Example
 * @property {string} of Operation id.
 * @property {'orchestrator' | 'agent'} [service] Default: orchestrator.
 * @property {string} [title] What this one shows, where an operation has several.
 * @property {Record<string, string>} [path] Parameters in the path. In every text `$NAME` is what an earlier example kept.
 * @property {Record<string, string>} [query]
 * @property {Record<string, string>} [headers]
 * @property {unknown} [body] Sent as JSON.
 * @property {Record<string, string>} [form] Fields sent as multipart/form-data.
 * @property {Record<string, string>} [files] Attached to the form: name → content.
 * @property {'key' | 'agents'} [as] Whose bearer is shown. Default: none, as on loopback before the first key.
 * @property {string} [ended] Name of a kept task that must have ended before.
 * @property {string} [running] Name of a kept task that must have a running subtask before.
 * @property {true} [idle] Every agent must be free before.
 * @property {number} status
 * @property {Record<string, string>} [keep] Name → where its value stands in the answer, such as `task.subtasks.0.id`.
 * @property {Record<string, number>} [shown] List in the answer → how many of its items the page shows.
 * @property {string[]} [measured] Objects in the answer whose numbers are measurements: the page shows others.
 * @property {RegExp} [lines] The lines of a text that are shown.
 * @property {number} [events] A stream that goes on: how many of its events are read.
 */

const PLAN = {
  subtasks: [
    { description: 'Calculate sum of 1 to 10', required_capabilities: ['data_analysis'] },
    { description: 'Calculate product of 1 to 5', required_capabilities: ['code_generation'], priority: 8 },
    {
      description: 'Combine results',
      required_capabilities: ['data_analysis'],
      dependencies: [0, 1],
      estimated_duration: 30,
      input_data: { currency: 'CHF' },
    },
  ],
};
const NOBODYS_TASK = 'task_00000000000000000000';

/** @type {Example[]} */
const SERVICE = [
  { of: 'getHealth', status: 200 },
  { of: 'getReadiness', status: 200 },
  { of: 'getService', status: 200 },
  { of: 'getSystem', status: 200 },
];

/** @type {Example[]} */
const TASKS = [
  {
    of: 'makePlan',
    body: { description: 'Calculate sum of 1 to 10, then calculate product of 1 to 5', user_id: 'ada' },
    status: 200,
  },
  {
    of: 'createTask',
    title: 'In plain language',
    headers: { 'idempotency-key': 'factorial-1' },
    body: { description: 'Calculate factorial of 10', user_id: 'ada', budget_usd: 0.5 },
    status: 200,
    keep: { TASK: 'task_id' },
  },
  { of: 'getTask', path: { task_id: '$TASK' }, ended: 'TASK', status: 200, keep: { SUBTASK: 'task.subtasks.0.id' } },
  { of: 'getTask', title: 'There is no such task', path: { task_id: NOBODYS_TASK }, status: 404 },
  { of: 'getSubtask', path: { task_id: '$TASK', subtask_id: '$SUBTASK' }, status: 200 },
  { of: 'streamTaskEvents', path: { task_id: '$TASK' }, query: { after: '1' }, status: 200 },
  {
    of: 'createTask',
    title: 'With a plan of its own',
    body: { description: 'Sum, product, and both together', user_id: 'ada', plan: PLAN },
    status: 200,
    keep: { PLANNED: 'task_id' },
  },
  { of: 'listTasks', ended: 'PLANNED', query: { user_id: 'ada', status: 'completed', limit: '1' }, status: 200 },
  { of: 'getTaskGraph', path: { task_id: '$TASK' }, status: 200 },
  {
    of: 'createTask',
    title: 'With a file',
    form: { description: 'Count the rows of prices.csv', user_id: 'grace' },
    files: { 'prices.csv': 'name,price\npear,2.5\nplum,4\n' },
    status: 200,
    keep: { WITH_FILE: 'task_id' },
  },
  {
    of: 'createTask',
    title: 'Without waiting for the plan',
    headers: { prefer: 'respond-async' },
    body: { description: 'Wait 60 seconds', user_id: 'grace' },
    status: 202,
    keep: { LONG: 'task_id' },
  },
  { of: 'createTask', title: 'What is wrong is named', body: { description: 'Too short' }, status: 400 },
  { of: 'cancelTask', path: { task_id: '$LONG' }, running: 'LONG', status: 200 },
  { of: 'actOnTasks', body: { action: 'cancel', task_ids: ['$LONG', NOBODYS_TASK] }, status: 200 },
  {
    of: 'createTask',
    title: 'With a limit',
    body: { description: 'Calculate factorial of 12', user_id: 'linus', max_turns: 1 },
    status: 200,
    keep: { FAILED: 'task_id' },
  },
  { of: 'retryTask', path: { task_id: '$FAILED' }, ended: 'FAILED', body: { max_turns: 40 }, status: 200 },
  {
    of: 'createTasks',
    body: {
      tasks: [
        { description: 'Calculate factorial of 5', user_id: 'linus' },
        { description: 'Too short', user_id: 'linus' },
      ],
    },
    status: 200,
  },
  { of: 'streamChanges', query: { user_id: 'ada' }, status: 200, events: 1 },
];

/** @type {Example[]} */
const FILES = [
  { of: 'listTaskFiles', path: { task_id: '$WITH_FILE' }, ended: 'WITH_FILE', status: 200 },
  { of: 'readTaskFile', path: { task_id: '$WITH_FILE', path: 'input/prices.csv' }, status: 200 },
];

/** @type {Example[]} */
const CREW = [
  { of: 'listAgents', ended: 'FAILED', idle: true, status: 200, shown: { agents: 1 } },
  { of: 'listAvailableAgents', query: { capability: 'web_scraping' }, status: 200 },
  { of: 'listAgentActivity', status: 200, shown: { agents: 1, history: 1 } },
  { of: 'listLogs', query: { task_id: '$TASK', level: 'INFO', limit: '1' }, status: 200 },
  { of: 'streamLogs', query: { task_id: '$TASK', level: 'INFO', after_id: '0' }, status: 200, events: 2 },
  {
    of: 'getStats',
    query: { window: '1h' },
    status: 200,
    shown: { buckets: 1 },
    measured: ['tasks', 'subtasks', 'agents', 'waiting_seconds', 'running_seconds', 'buckets'],
  },
  { of: 'getMetrics', status: 200, lines: /muster_tasks\b/ },
];

/** @type {Example[]} */
const FOR_AGENTS = [
  { of: 'searchEarlierWork', as: 'agents', query: { user_id: 'ada', query: 'factorial', limit: '1' }, status: 200 },
  { of: 'executeInWorkspace', as: 'agents', body: { sql: 'create table towns (name text, people int)' }, status: 200 },
  {
    of: 'executeInWorkspace',
    title: 'Rows',
    as: 'agents',
    body: { sql: "insert into towns values ('Chur', 38000), ('Arosa', 3000)" },
    status: 200,
  },
  { of: 'queryWorkspace', as: 'agents', body: { sql: 'select name, people from towns order by people' }, status: 200 },
  { of: 'queryWorkspace', title: 'It only reads', as: 'agents', body: { sql: 'drop table towns' }, status: 400 },
];

const ORDER = {
  task_id: 'task_byhand',
  subtask: { id: 'subtask_byhand', description: 'Wait 60 seconds', required_capabilities: ['data_analysis'] },
};

/** @type {Example[]} */
const AGENT = [
  { of: 'health', service: 'agent', status: 200 },
  { of: 'status', service: 'agent', status: 200 },
  { of: 'metrics', service: 'agent', status: 200, lines: /muster_agent_slots\b/ },
  { of: 'execute', service: 'agent', as: 'agents', body: ORDER, status: 200 },
  {
    of: 'execute',
    service: 'agent',
    title: 'It has no free slot',
    as: 'agents',
    body: { ...ORDER, subtask: { ...ORDER.subtask, id: 'subtask_second' } },
    status: 503,
  },
  {
    of: 'executeSeveral',
    service: 'agent',
    as: 'agents',
    body: {
      executions: [
        {
          ...ORDER,
          subtask: { ...ORDER.subtask, id: 'subtask_third', required_capabilities: ['web_scraping'] },
        },
      ],
    },
    status: 200,
  },
  { of: 'stop', service: 'agent', as: 'agents', body: { subtask_id: 'subtask_byhand' }, status: 200 },
];

/** @type {Example[]} */
const KEYS = [
  { of: 'getMe', status: 200 },
  {
    of: 'createKey',
    title: 'The first one',
    body: { role: 'operate', user_id: 'ada', name: 'laptop' },
    status: 201,
    keep: { KEY: 'key' },
  },
  {
    of: 'createKey',
    title: 'Another one, made with it',
    as: 'key',
    body: { role: 'submit', user_id: 'grace', name: 'nightly job' },
    status: 201,
    keep: { OTHER_KEY_ID: 'id' },
  },
  { of: 'getMe', title: 'With a key', as: 'key', status: 200 },
  { of: 'getMe', title: 'Without one, where keys are asked for', status: 401 },
  { of: 'listKeys', as: 'key', status: 200 },
  { of: 'revokeKey', as: 'key', path: { key_id: '$OTHER_KEY_ID' }, status: 200 },
];

/** Keys come last: once there is one, it is asked for. */
export const EXAMPLES = [...SERVICE, ...TASKS, ...FILES, ...CREW, ...FOR_AGENTS, ...AGENT, ...KEYS];

/** Under what an answer is kept. @param {Example} example */
export function nameOf({ of, title }) {
  return title ? `${of}: ${title}` : of;
}
