// Many tasks handed in by one request, each judged by itself: one that is refused does not keep the others out, and the
// caller learns of each what became of it. What is refused as a whole, such as a body that is no list, stores nothing.
import type { FastifyRequest } from 'fastify';
import { AppError } from '../domain/errors.ts';
import { BULK_MAX, type BulkResult } from '../protocol/bulk-api.ts';
import { toAppError } from './errors-to-http.ts';
import type { Parts } from './parts.ts';
import { type SubmitParts, storeForPlanning, submitTask } from './submit.ts';
import { readBulkTask, type TaskInput } from './task-input.ts';

type Read = { input: TaskInput } | { error: unknown };

/**
 * One outcome for each task, in their order. Throws invalid_request when the body is no list of tasks, and unavailable, with
 * nothing stored, when so many cannot be taken now.
 */
export async function submitBulk(bulk: SubmitParts, request: FastifyRequest, trace_parent: string | null) {
  const read = readTasks(request.body).map((task) => readOne(task, request));
  bulk.intake.refuseWithoutRoom(read.filter(isPlanned).length);
  const outcome = async (one: Read): Promise<BulkResult> => {
    if ('error' in one) return refused(bulk.parts, request, one.error);
    try {
      return await submitOne(bulk, { ...one.input, trace_parent });
    } catch (error) {
      return refused(bulk.parts, request, error);
    }
  };
  let before: Promise<unknown> = Promise.resolve();
  const results = read.map((one) => {
    // Those with a plan are stored together. The others one after the other: each is a transaction of its own, and a hundred
    // at once would take every connection from everybody else.
    if (isPlanned(one)) return outcome(one);
    const stored = before.then(() => outcome(one));
    before = stored;
    return stored;
  });
  return { results: await Promise.all(results) };
}

function isPlanned(one: Read): boolean {
  return 'input' in one && one.input.plan !== undefined;
}

/** One without a plan is answered as soon as it is stored: the others need not wait for the model. */
function submitOne({ parts, intake, planning }: SubmitParts, input: TaskInput): Promise<BulkResult> {
  return input.plan ? submitTask(parts, intake, input) : storeForPlanning(parts, planning, input);
}

function readTasks(body: unknown): unknown[] {
  const tasks = typeof body === 'object' && body !== null ? Reflect.get(body, 'tasks') : undefined;
  if (!Array.isArray(tasks)) {
    const message = 'the body must be a JSON object with a list of tasks, such as {"tasks": [{"description": "..."}]}';
    throw new AppError('invalid_request', message, { field: 'tasks' });
  }
  const other = Object.keys(body ?? {}).find((name) => name !== 'tasks');
  if (other !== undefined) {
    const message = `${JSON.stringify(other.slice(0, 100))} is no field of this request: what each task has goes into the task`;
    throw new AppError('invalid_request', message, { field: other });
  }
  if (tasks.length >= 1 && tasks.length <= BULK_MAX) return tasks;
  const message = `tasks has ${tasks.length} entries, 1 to ${BULK_MAX} are allowed: send the rest in requests of their own`;
  throw new AppError('invalid_request', message, { field: 'tasks' });
}

function readOne(task: unknown, request: FastifyRequest): Read {
  try {
    return { input: readBulkTask(task, request.caller) };
  } catch (error) {
    return { error };
  }
}

function refused({ config }: Parts, request: FastifyRequest, error: unknown): BulkResult {
  const problem = toAppError(error, request, config.bodyLimitBytes);
  if (problem.status >= 500) request.log.error({ err: error }, problem.message);
  const field = problem.field === undefined ? {} : { field: problem.field };
  return { status: 'refused', error: { detail: problem.message, code: problem.code, ...field } };
}
