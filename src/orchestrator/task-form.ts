// A multipart body: its fields as text, its files in memory, both within one limit, so that a body which is refused has
// left nothing on the disk. What the fields mean is left to task-input.ts.
import type { Multipart } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../domain/errors.ts';
import { checkJson, parseJson } from '../protocol/json-body.ts';
import { type AttachedFile, safeFileName } from './task-files.ts';

export const FILES_MAX = 100;
const FIELDS_MAX = 20;

export interface TaskForm {
  fields: Record<string, unknown>;
  files: AttachedFile[];
}

/** Throws too_large over `limitBytes` or FILES_MAX files, invalid_request for what cannot be read. */
export async function readTaskForm(request: FastifyRequest, limitBytes: number): Promise<TaskForm> {
  try {
    if (Number(request.headers['content-length']) > limitBytes) throw tooLarge(limitBytes);
    return await collect(request, limitBytes);
  } catch (error) {
    // The client may still be sending: unless its bytes are taken, it would never come to read the answer.
    request.raw.unpipe();
    request.raw.resume();
    if (error instanceof AppError || (error instanceof Error && 'statusCode' in error)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('invalid_request', `the multipart body cannot be read: ${why}`, { cause: error });
  }
}

async function collect(request: FastifyRequest, limitBytes: number): Promise<TaskForm> {
  const form: TaskForm = { fields: {}, files: [] };
  let bytes = 0;
  const limits = { files: FILES_MAX + 1, fields: FIELDS_MAX, fileSize: limitBytes, fieldSize: limitBytes };
  for await (const part of request.parts({ limits })) {
    bytes += await take(form, part);
    if (bytes > limitBytes) throw tooLarge(limitBytes);
    if (form.files.length > FILES_MAX)
      throw new AppError('too_large', `more than ${FILES_MAX} files are attached: pack them, or send fewer`);
  }
  return form;
}

/** Puts one part into the form; returns its size. */
async function take(form: TaskForm, part: Multipart): Promise<number> {
  if (part.type === 'field') {
    // A field cut off at the limit is as long as the limit; one byte more makes the form too large.
    setField(form, part.fieldname, part.value);
    return sizeOf(part.value) + (part.valueTruncated ? 1 : 0);
  }
  const content = await part.toBuffer();
  // `curl -F plan=@plan.json` sends the plan as a file.
  if (part.fieldname === 'plan') setField(form, 'plan', content.toString('utf8'));
  else addFile(form, part.fieldname, { name: safeFileName(part.filename), content });
  return content.length;
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
}

function setField(form: TaskForm, name: string, value: unknown): void {
  if (Object.hasOwn(form.fields, name)) {
    throw new AppError('invalid_request', `${name} is given more than once: give it once`, { field: name });
  }
  form.fields[name] = name === 'plan' ? planOf(value) : value;
}

const PLAN = { what: 'plan', field: 'plan' };

/** The plan is JSON text, unless its part says that it is JSON: then it has been parsed already. */
function planOf(value: unknown): unknown {
  if (typeof value === 'string') return parseJson(value, PLAN);
  checkJson(value, PLAN);
  return value;
}

function addFile(form: TaskForm, fieldName: string, file: AttachedFile): void {
  if (fieldName !== 'files') {
    const message = `the attached file ${JSON.stringify(file.name)} is in a field named ${JSON.stringify(fieldName)}: name it files`;
    throw new AppError('invalid_request', message, { field: fieldName });
  }
  attachTo(form, file);
}

/** Throws invalid_request for a second file of the same name. */
export function attachTo(form: TaskForm, file: AttachedFile): void {
  if (form.files.some((other) => other.name === file.name)) {
    const message = `two attached files are named ${JSON.stringify(file.name)}: rename one of them`;
    throw new AppError('invalid_request', message, { field: 'files' });
  }
  form.files.push(file);
}

function tooLarge(limitBytes: number): AppError {
  const message = `the body is over the limit of ${limitBytes} bytes: send less, or raise BODY_LIMIT_BYTES`;
  return new AppError('too_large', message, { field: 'files' });
}
