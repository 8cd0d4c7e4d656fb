// The submit: a request becomes a durable task with a plan whose first subtasks are queued. Once the row is stored, no
// crash loses the task; what fails later is done again by the sweep.
import { createHash } from 'node:crypto';
import type { Limits } from '../domain/budget.ts';
import { AppError } from '../domain/errors.ts';
import type { CreateTaskResponse } from '../protocol/api.ts';
import type { TaskStoredResponse } from '../protocol/dashboard-api.ts';
import { newId } from '../store/ids.ts';
import type { CreatedPlanned } from '../store/planned-tasks.ts';
import { getTask, type WholeTask } from '../store/task-views.ts';
import { type CreatedTask, createTask, type NewTask, type SavedPlan, type UnplannedTask } from '../store/tasks.ts';
import type { BackgroundPlanning } from './background-planning.ts';
import { announce, listenToTask } from './notices.ts';
import type { Parts } from './parts.ts';
import { planTask } from './planning.ts';
import { removeFolder, storeInputs, taskFolder } from './task-files.ts';
import type { TaskInput } from './task-input.ts';
import type { TaskIntake } from './task-intake.ts';

/** What takes tasks in, for all routes that do. */
export interface SubmitParts {
  parts: Parts;
  intake: TaskIntake;
  planning: BackgroundPlanning;
}

/** How long a repeated request waits for the first one's plan, and how often it looks when no notice comes. */
const ANSWER_MS = 60_000;
const LOOK_MS = 1_000;
/** What to do when too many wait for a plan. */
const LATER =
  'submit it again shortly, or with the header "Prefer: respond-async", to have it stored and planned later';

/** Throws idempotency_conflict, wrong_state (cancelled while it was planned), planning_failed or unavailable. */
export async function submitTask(parts: Parts, intake: TaskIntake, input: TaskInput): Promise<CreateTaskResponse> {
  const { plan } = input;
  if (plan) return submitPlanned(parts, input, (task) => intake.add({ ...task, plan }));
  const { created, saved } = await storeAndPlan(parts, input);
  if (created.outcome === 'conflict') throw conflict(created.id);
  if (saved?.outcome === 'saved') return answer(created.id, saved.subtasks, saved.ready.length);
  return answerOf(await untilPlanned(parts, created.id));
}

/** Nothing is stored when too many wait for a plan already. */
async function storeAndPlan(
  parts: Parts,
  input: TaskInput,
): Promise<{ created: CreatedTask; saved: SavedPlan | null }> {
  const leave = parts.planning.places.takeNow(input.user_id, LATER);
  try {
    const created = await storeTask(parts, input, (task) => createTask(parts.db, task, parts.config.planningMs));
    if (created.outcome !== 'created') return { created, saved: null };
    await noteCreated(parts, created.id);
    return { created, saved: await planNow(parts, created.id, input) };
  } finally {
    leave();
  }
}

/** One that comes with its plan is stored, planned and started at once. */
async function submitPlanned(
  parts: Parts,
  input: TaskInput,
  store: (task: NewTask & { id: string }) => Promise<CreatedPlanned>,
): Promise<CreateTaskResponse> {
  const created = await storeTask(parts, input, store);
  if (created.outcome === 'conflict') throw conflict(created.id);
  if (created.outcome === 'repeated') return answerOf(await untilPlanned(parts, created.id));
  return answer(created.id, created.subtasks, created.ready.length);
}

/** The same, answered as soon as the task is stored: it is planned in the background. Throws idempotency_conflict. */
export async function storeForPlanning(
  parts: Parts,
  planning: BackgroundPlanning,
  input: TaskInput,
): Promise<TaskStoredResponse> {
  const { plan } = input;
  const created = await storeTask(parts, input, (task) =>
    createTask(parts.db, { ...task, ...(plan && { given_plan: plan }) }, parts.config.planningMs),
  );
  if (created.outcome === 'conflict') throw conflict(created.id);
  if (created.outcome === 'created') {
    await noteCreated(parts, created.id);
    planning.start(unplanned(created.id, input));
  }
  return { task_id: created.id, status: 'created' };
}

async function noteCreated(parts: Parts, task_id: string): Promise<void> {
  parts.metrics.taskCreated();
  parts.logger.debug({ task_id }, 'the task is stored');
  await announce(parts, 'events', { task_ids: [task_id] });
}

function unplanned(id: string, { description, user_id, plan, trace_parent = null }: TaskInput): UnplannedTask {
  return { id, description, user_id, given_plan: plan ?? null, trace_parent };
}

/** Files first: whoever plans a stored task must find them. */
async function storeTask<Created extends { outcome: string }>(
  parts: Parts,
  input: TaskInput,
  store: (task: NewTask & { id: string }) => Promise<Created>,
): Promise<Created> {
  const id = newId('task');
  const folder = taskFolder(parts.config.sharedFiles, id);
  let outcome: string | null = null;
  try {
    await storeInputs(folder, input.files);
    const task = {
      id,
      description: input.description,
      user_id: input.user_id,
      trace_parent: input.trace_parent ?? null,
      ...limitsOf(input),
      ...(input.idempotencyKey && { idempotency: { key: input.idempotencyKey, request_hash: hashOf(input) } }),
    };
    const created = await store(task);
    outcome = created.outcome;
    return created;
  } finally {
    if (outcome !== 'created' && input.files.length > 0) await removeFolder(folder);
  }
}

/**
 * The same request has the same hash; a plan is compared as it was understood. Limits count only when given: the hashes of
 * requests without any stay what they were before there were limits.
 */
function hashOf(input: TaskInput): string {
  const { description, user_id, plan, files } = input;
  const contents = files.map((file) => [file.name, createHash('sha256').update(file.content).digest('hex')]);
  const limits = Object.keys(limitsOf(input)).length > 0 ? [limitsOf(input)] : [];
  return createHash('sha256')
    .update(JSON.stringify([description, user_id, plan ?? null, contents, ...limits]))
    .digest('hex');
}

function limitsOf({ budget_usd, max_turns }: TaskInput): Partial<Limits> {
  return { ...(budget_usd && { budget_usd }), ...(max_turns && { max_turns }) };
}

function conflict(firstId: string): AppError {
  const message = `this Idempotency-Key was used for another request (${firstId}): use a new key for a new task`;
  return new AppError('idempotency_conflict', message, { field: 'Idempotency-Key' });
}

async function planNow(parts: Parts, id: string, input: TaskInput): Promise<SavedPlan> {
  try {
    return await planTask(parts, unplanned(id, input));
  } catch (error) {
    if (parts.stopping.aborted) {
      const message = `task ${id} is stored, but the service is stopping: it is planned at the next start`;
      throw new AppError('unavailable', message, { cause: error });
    }
    const message = `task ${id} is stored but could not be planned now: it will be tried again shortly`;
    throw new AppError('planning_failed', message, { cause: error });
  }
}

/** Another process, or another request with the same key, plans this task: its answer is ours. */
async function untilPlanned(parts: Parts, id: string): Promise<WholeTask> {
  const bell = await listenToTask(parts, id);
  const giveUpAt = parts.clock.now().getTime() + ANSWER_MS;
  try {
    for (;;) {
      const found = await getTask(parts.db, id);
      if (!found) throw new AppError('not_found', `task ${id} is gone: submit it again`);
      if (found.task.status !== 'pending') return found;
      if (parts.stopping.aborted || parts.clock.now().getTime() >= giveUpAt)
        throw new AppError('unavailable', `task ${id} is still being planned: repeat the request shortly`);
      await bell.next(LOOK_MS, parts.stopping);
    }
  } finally {
    bell.close();
  }
}

function answerOf({ task, subtasks }: WholeTask): CreateTaskResponse {
  if (subtasks.length === 0)
    throw new AppError('wrong_state', `task ${task.id} was cancelled while it was being planned: submit it again`);
  return answer(task.id, subtasks.length, subtasks.filter((subtask) => subtask.dependencies.length === 0).length);
}

function answer(task_id: string, subtasks_count: number, initial_subtasks_queued: number): CreateTaskResponse {
  return { task_id, status: 'created', subtasks_count, initial_subtasks_queued };
}
