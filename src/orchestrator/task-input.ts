// What a request for a new task asks for, wherever it says so: query string, JSON body or multipart fields. The body wins
// over the query string. Owns the rules of the single parameters; the graph rules of a plan are domain/plan's.
import type { FastifyRequest } from 'fastify';
import type { Limits } from '../domain/budget.ts';
import { AppError } from '../domain/errors.ts';
import { nearestWord } from '../domain/nearest.ts';
import { checkPlan, describeProblems, GIVEN_PLAN_MAX, type Plan } from '../domain/plan.ts';
import { unknownFields } from '../domain/plan-fields.ts';
import { DESCRIPTION_MIN, TASK_DESCRIPTION_MAX } from '../domain/task.ts';
import { characters } from '../domain/text.ts';
import { type Caller, userFor } from './caller.ts';
import { LIMIT_FIELDS, readLimits } from './limits-input.ts';
import type { AttachedFile } from './task-files.ts';
import { readTaskForm, type TaskForm } from './task-form.ts';

const USER_MAX = 200;
const KEY_MAX = 200;
const FIELDS = ['description', 'user_id', 'plan', ...LIMIT_FIELDS];
/** A plan does not fit into an address; it is taken from a body only. */
const QUERY_FIELDS = FIELDS.filter((name) => name !== 'plan');
/** What of a task is a header of its own request is a field among many. */
const BULK_FIELDS = [...FIELDS, 'idempotency_key'];
/** Problems of a plan that an answer spells out. */
const PROBLEMS_SHOWN = 10;

export interface TaskInput extends Partial<Limits> {
  description: string;
  user_id: string;
  plan?: Plan;
  files: AttachedFile[];
  idempotencyKey?: string;
  /** The span of the request. */
  trace_parent?: string | null;
}

/** Throws an AppError that names the field. */
export async function readTaskInput(request: FastifyRequest, limitBytes: number): Promise<TaskInput> {
  const form = request.isMultipart() ? await readTaskForm(request, limitBytes) : readObject(request.body);
  refuseUnknown(form.fields, { of: 'a task', known: FIELDS, more: ' and files' });
  const fields = { ...queryOf(request), ...form.fields };
  const key = readKey('Idempotency-Key', request.headers['idempotency-key']);
  return { ...readFields(fields, request.caller), ...key, files: form.files };
}

/** One of many tasks of a request, or the one that a tool is to submit. Throws an AppError that names the field within the task. */
export function readBulkTask(task: unknown, caller: Caller): TaskInput {
  const { fields } = readObject(task ?? null);
  refuseUnknown(fields, { of: 'a task among several', known: BULK_FIELDS });
  return { ...readFields(fields, caller), ...readKey('idempotency_key', fields.idempotency_key), files: [] };
}

function readFields(fields: Record<string, unknown>, caller: Caller) {
  return {
    description: readDescription(fields.description),
    user_id: userFor(caller, readUser(fields.user_id)),
    ...readLimits(fields),
    ...(fields.plan === undefined ? {} : { plan: readPlan(fields.plan) }),
  };
}

/** RFC 7240: a list of preferences, of which only this one is known here; others are ignored. */
export function prefersAsync(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .split(',')
    .some((preference) => preference.split(';')[0]?.trim().toLowerCase() === 'respond-async');
}

function readObject(body: unknown): TaskForm {
  if (body === undefined) return { fields: {}, files: [] };
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { fields: { ...body }, files: [] };
  throw invalid('', 'a task must be a JSON object such as {"description": "..."}');
}

export function refuseUnknown(
  fields: Record<string, unknown>,
  { of, known, more = '' }: { of: string; known: readonly string[]; more?: string },
): void {
  const unknown = Object.keys(fields).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const names = unknown.slice(0, PROBLEMS_SHOWN).map((name) => JSON.stringify(name.slice(0, 100)));
  const [first = ''] = unknown;
  const nearest = nearestWord(first, known);
  const meant = nearest ? ` (did you mean ${nearest}?)` : '';
  throw invalid(first, `${names.join(', ')} is no field of ${of}${meant}: it has ${known.join(', ')}${more}`);
}

function queryOf(request: FastifyRequest): Record<string, unknown> {
  const query: unknown = request.query;
  const given = Object.entries(typeof query === 'object' && query !== null ? query : {});
  return Object.fromEntries(given.filter(([name]) => QUERY_FIELDS.includes(name)));
}

export function readDescription(value: unknown): string {
  const text = readText('description', value, 'say in plain language what should be done');
  const description = text.trim();
  const length = characters(description);
  if (length >= DESCRIPTION_MIN && length <= TASK_DESCRIPTION_MAX) return description;
  const mend = length < DESCRIPTION_MIN ? 'say what should be done' : 'attach long material as a file';
  const limits = `${DESCRIPTION_MIN} to ${TASK_DESCRIPTION_MAX} are allowed`;
  throw invalid('description', `description has ${length} characters without surrounding space, ${limits}: ${mend}`);
}

export function readUser(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const user = readText('user_id', value, 'name a user');
  if (user.trim() !== '' && user.length <= USER_MAX) return user;
  const limits = `1 to ${USER_MAX} that are not all space are allowed`;
  throw invalid('user_id', `user_id has ${user.length} characters, ${limits}: leave it out for the default user`);
}

/** PostgreSQL cannot hold U+0000, and counts code points as this service does. */
function readText(field: string, value: unknown, mend: string): string {
  if (value === undefined || value === null) throw invalid(field, `${field} is missing: ${mend}`);
  if (Array.isArray(value)) throw invalid(field, `${field} is given more than once: give it once`);
  if (typeof value !== 'string') throw invalid(field, `${field} must be text, not ${typeof value}: ${mend}`);
  if (value.includes('\u0000')) throw invalid(field, `${field} holds the character U+0000: remove it`);
  return value;
}

function readPlan(value: unknown): Plan {
  const checked = checkPlan(value, { maxSubtasks: GIVEN_PLAN_MAX });
  const unknown = unknownFields(value);
  if (checked.ok && unknown.length === 0) return checked.plan;
  const problems = [...unknown, ...(checked.ok ? [] : checked.problems)].map(({ field, message }) => ({
    field: field === 'plan' ? field : `plan.${field}`,
    message,
  }));
  const more = problems.length > PROBLEMS_SHOWN ? `; and ${problems.length - PROBLEMS_SHOWN} more` : '';
  const detail = `${describeProblems(problems.slice(0, PROBLEMS_SHOWN))}${more}`;
  throw new AppError('invalid_plan', detail, { field: problems[0]?.field ?? 'plan' });
}

function readKey(field: string, value: unknown): { idempotencyKey?: string } {
  if (value === undefined) return {};
  const key = readText(field, value, 'choose a text of your own');
  if (key.length >= 1 && key.length <= KEY_MAX) return { idempotencyKey: key };
  throw invalid(field, `${field} has ${key.length} characters, 1 to ${KEY_MAX} are allowed`);
}

function invalid(field: string, message: string): AppError {
  return new AppError('invalid_request', message, field === '' ? {} : { field });
}
