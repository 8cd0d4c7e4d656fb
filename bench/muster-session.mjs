// Graphs run by a Muster that is up: submitted by the typed client with their plans, watched in the list, judged by what the API
// answers in the end.
import { setTimeout as pause } from 'node:timers/promises';
import { outputOf } from './graphs.mjs';
import { CAPABILITY } from './muster-processes.mjs';
import { askSpans } from './processes.mjs';
import { now } from './tally.mjs';

/** How many tasks are read at a time. */
const READERS = 16;
/** Between two looks at the list of open tasks: rarely, since each costs the service that is measured. */
const LOOK_MS = 50;

/** @param {import('./muster-processes.mjs').RunningMuster} muster @returns {import('./engines.mjs').Session} */
export function openSession({ client, crew, stop }) {
  return {
    async run(graphs) {
      const startedAt = now();
      const ids = await submitAll(client, graphs);
      await untilNoneIsOpen(client);
      const ms = now() - startedAt;
      const tasks = await inTurn(ids, (id) => client.getTask(id));
      return { ms, outputs: tasks.map(outputsOf), ...(await executionsOf(tasks, crew)) };
    },
    close: stop,
  };
}

/** @typedef {import('../dist/protocol/client.js').Client} Client */
/** @typedef {import('../dist/protocol/client.js').TaskResponse} TaskResponse */

/** All at once, as other engines take theirs. @param {Client} client @param {import('./graphs.mjs').Graph[]} graphs */
export async function submitAll(client, graphs) {
  const tasks = graphs.map((graph) => {
    const subtasks = graph.steps.map(({ value, dependencies, durationMs }, nth) => ({
      description: `Step ${nth} of the benchmark`,
      required_capabilities: [CAPABILITY],
      dependencies,
      input_data: { value, duration_ms: durationMs },
    }));
    return { description: `Run the ${graph.name}`, plan: { subtasks } };
  });
  return (await client.submitAll(tasks)).map((outcome) => {
    if (outcome.status === 'refused') throw new Error(outcome.error.detail);
    return outcome.task_id;
  });
}

/** @param {Client} client */
export async function untilNoneIsOpen(client) {
  /** @type {('pending' | 'in_progress')[]} */
  const status = ['pending', 'in_progress'];
  while ((await client.listTasks({ status, limit: 1 })).tasks.length > 0) await pause(LOOK_MS);
}

/**
 * A few at a time, the answers in order.
 * @template In, Out @param {In[]} items @param {(item: In) => Promise<Out>} work @returns {Promise<Out[]>}
 */
async function inTurn(items, work) {
  /** @type {Out[]} */
  const answers = [];
  const queue = [...items.entries()];
  const takeNext = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) answers[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: READERS }, takeNext));
  return answers;
}

/**
 * A simulated attempt answers with its own input and the inputs of those before it: from them the outputs are put together,
 * and one that was not handed on, or a task that did not complete, leaves no number.
 * @param {TaskResponse} response
 */
function outputsOf({ task, subtask_results }) {
  const results = new Map(
    subtask_results.filter(({ status }) => status === 'completed').map((one) => [one.subtask_id, one]),
  );
  const data = (/** @type {string} */ id) => /** @type {any} */ (results.get(id)?.output)?.data;
  /** @type {Map<string, number>} */
  const outputs = new Map();
  for (const { id, dependencies } of [...task.subtasks].sort((a, b) => a.position - b.position)) {
    const received = data(id)?.dependencies ?? {};
    const inputs = dependencies.map((source) =>
      received[source]?.value === data(source)?.input.value ? (outputs.get(source) ?? Number.NaN) : Number.NaN,
    );
    outputs.set(id, outputOf(data(id)?.input.value ?? Number.NaN, inputs));
  }
  return task.status === 'completed' ? [...outputs.values()] : [];
}

/**
 * Attempts as the database has them; their starts as the agents heard of them, which is finer.
 * @param {TaskResponse[]} tasks @param {import('./processes.mjs').Launched[]} crew
 */
async function executionsOf(tasks, crew) {
  const heard = (await askSpans(crew)).map((span) => span.start);
  const spans = tasks.flatMap(({ task }) =>
    task.subtasks.flatMap(({ attempt, started_at, finished_at }) =>
      Array.from({ length: attempt }, () => ({
        start: Date.parse(started_at ?? ''),
        end: Date.parse(finished_at ?? ''),
      })),
    ),
  );
  return heard.length === spans.length ? { spans, starts: heard } : { spans };
}
