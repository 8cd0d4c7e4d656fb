// What any answer to any request must be. The document says which answers there are, the catalogue of errors which codes; the
// table of roles who may ask. Everything that is wrong with an answer is a sentence.
import { ERRORS, type ErrorCode } from '../../src/domain/errors.ts';
import { ROLES } from '../support/roles.ts';
import { mismatch, mismatchOfText, type Operation, type Schema } from './document.ts';
import { jsonOf, type Names } from './placeholders.ts';
import type { Caller } from './requests.ts';
import type { Answer, Sent } from './wire.ts';

const ERROR: Schema = {
  type: 'object',
  required: ['detail', 'code'],
  properties: { detail: { type: 'string', minLength: 1 }, code: { type: 'string' }, field: { type: 'string' } },
  additionalProperties: false,
};

/** Of a stack, of a query, of an address with a password, of a module. */
const INSIDE = [
  /\n\s+at .*:\d+:\d+/,
  /node_modules/,
  /file:\/\/\//,
  /:\/\/[^/\s:@]*:(?!\*{3}@)[^/\s@]+@/,
  /node:internal/,
];
const VALIDATION = ['invalid_request', 'invalid_plan', 'unknown_capability'];

export interface Grounds {
  names: Names;
  /** What may stand in no answer. */
  secrets: string[];
}

export function judge(sent: Sent, answer: Answer, { names, secrets }: Grounds): string[] {
  const reached = reaches(sent);
  return [
    ...(answer.status >= 500 ? unavailable(sent.draft.operation, answer) : []),
    ...(answer.status >= 400 ? error(sent, answer) : []),
    ...(answer.status < 400 && reached ? success(sent, answer) : []),
    ...(reached ? documented(sent.draft.operation, answer) : []),
    ...(reached ? admission(sent, answer, names) : []),
    ...[...secrets, ...INSIDE].flatMap((secret) => (found(answer, secret) ? [`it holds ${secret}`] : [])),
  ];
}

function found({ text, headers }: Answer, secret: string | RegExp): boolean {
  const all = `${text}\n${JSON.stringify(headers)}`;
  return typeof secret === 'string' ? all.includes(secret) : secret.test(all);
}

/** Whether the address and the method are those of the operation, whatever else was done to the request. */
export function reaches({ draft, method, path, address }: Sent): boolean {
  // An empty part of a path, or one that a client would shorten, makes another address; a very long one is none.
  const isWhole = Object.values(path).every((part) => !['', '.', '..'].includes(part) && part.length < 2_000);
  const isEncoded = /^[\x21-\x7e]*$/.test(address);
  return draft.rawPath === undefined && method === draft.operation.method && isWhole && isEncoded;
}

/** The one answer of its kind that is an answer: come back later. */
function unavailable({ responses }: Operation, { status, text }: Answer): string[] {
  const code = /"code":"(\w+)"/.exec(text)?.[1];
  if (status === 503 && '503' in responses && (code === 'unavailable' || code === 'busy')) return [];
  return [`it broke inside: ${status} ${text.slice(0, 300)}`];
}

function error(sent: Sent, { status, headers, text }: Answer): string[] {
  if (sent.method === 'HEAD') return [];
  const body = parse(text);
  const wrong = mismatch(ERROR, body);
  if (wrong !== null || !String(headers['content-type']).startsWith('application/json'))
    return [`the error has another form: ${wrong} ${headers['content-type']} ${text.slice(0, 300)}`];
  const { code, field } = body as { code: ErrorCode; field?: string };
  if (ERRORS[code]?.status !== status) return [`code ${code} does not belong to status ${status}`];
  const { change } = sent.draft;
  if (!VALIDATION.includes(code) || change.kind !== 'field' || !reaches(sent)) return [];
  return field ? [] : [`an error about ${change.field} names no field: ${text.slice(0, 300)}`];
}

function success(sent: Sent, { status, headers, text }: Answer): string[] {
  const content = sent.draft.operation.responses[status]?.content;
  const type = String(headers['content-type']).split(';')[0] ?? '';
  const schema = content?.['application/json']?.schema;
  const wrong = schema ? mismatch(schema, parse(text)) : null;
  // Some requests ask for several things, and are told of each.
  const refused = text.includes('"status":"refused"') ? null : refusedByDocument(sent);
  return [
    ...(wrong === null ? [] : [`the answer is not what the document says: ${wrong}`]),
    ...(schema && type !== 'application/json' ? [`the answer is of type ${type}`] : []),
    ...(refused === null ? [] : [`it took what the document refuses: ${refused}`]),
  ];
}

function refusedByDocument({ draft: { operation }, query, json }: Sent): string | null {
  const schema = operation.bodies['application/json'];
  const wrongBody = schema && json !== undefined ? mismatch(schema, json) : null;
  if (wrongBody !== null) return `body: ${wrongBody}`;
  for (const { name, value } of query) {
    const parameter = operation.parameters.find((one) => one.in === 'query' && one.name === name);
    const wrong = parameter ? wrongText(parameter.schema, value) : null;
    if (wrong !== null) return `${name}: ${wrong}`;
  }
  return null;
}

/** A list is one parameter given several times, which only some take. */
function wrongText(schema: Schema, value: unknown): string | null {
  return Array.isArray(value) ? null : mismatchOfText(schema, typeof value === 'string' ? value : jsonOf(value));
}

function documented({ responses }: Operation, { status, text }: Answer): string[] {
  return String(status) in responses ? [] : [`status ${status} is not in the document: ${text.slice(0, 200)}`];
}

const RANKS: Record<string, Caller[]> = {
  open: ['nobody', 'stranger', 'reader', 'submitter', 'other', 'operator', 'agent'],
  read: ['reader', 'submitter', 'other', 'operator'],
  submit: ['submitter', 'other', 'operator'],
  operate: ['operator'],
  agent: ['agent'],
};
export const USERS: Partial<Record<Caller, string>> = { reader: 'ada', submitter: 'ada', other: 'bob' };

function admission(sent: Sent, { status }: Answer, names: Names): string[] {
  const { operation, caller, change } = sent.draft;
  // A second header of the same name leaves open who asks.
  if (change.kind === 'whole' && change.what.startsWith('the header authorization')) return [];
  const needed = roleOf(operation);
  if (!RANKS[needed]?.includes(caller))
    return [401, 403].includes(status) ? [] : [`${caller} was answered ${status} where ${needed} is needed`];
  if (status === 401) return [`${caller} was refused where ${needed} is enough`];
  const owner = names.companion(sent.path.task_id ?? '', 'user_id');
  const user = USERS[caller];
  const isForeign = owner !== undefined && user !== undefined && owner !== user;
  return isForeign && status < 300 ? [`${user} was answered ${status} about a task of ${owner}`] : [];
}

function roleOf({ service, scheme, method, path }: Operation): string {
  if (scheme === 'agentToken') return 'agent';
  if (service === 'agent') return 'open';
  return ROLES[`${method} ${path.replace('{path}', '*').replace(/\{(\w+)\}/g, ':$1')}`] ?? 'operate';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
