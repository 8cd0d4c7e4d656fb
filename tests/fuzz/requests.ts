// Whole requests for an operation of the document: one that it allows, and then, mostly, one thing about it changed. What was
// changed is kept with the request, since what may be answered depends on it.
import fc from 'fast-check';
import type { Operation, Schema } from './document.ts';
import { Nested } from './placeholders.ts';
import { allowed, odd, polluting } from './values.ts';

export type Caller = 'nobody' | 'stranger' | 'reader' | 'submitter' | 'other' | 'operator' | 'agent';

export interface Given {
  name: string;
  value: unknown;
}

export type Body =
  | { kind: 'json'; value: unknown }
  | { kind: 'form'; parts: Part[] }
  /** Sent as it is. */
  | { kind: 'raw'; bytes: Uint8Array | string; type: string | undefined };

export interface Part {
  name: string;
  value: unknown;
  /** Makes it a file. */
  fileName?: string;
  type?: string;
}

export interface Draft {
  operation: Operation;
  caller: Caller;
  method: string;
  path: Given[];
  query: Given[];
  headers: Given[];
  body: Body | undefined;
  /** Put behind the path, or the query string, as it is. */
  rawPath: string | undefined;
  rawQuery: string | undefined;
  /** What was changed: nothing, a place that an error can name, or all of the request. */
  change: { kind: 'none' } | { kind: 'field'; field: string } | { kind: 'whole'; what: string };
}

type Change = fc.Arbitrary<(draft: Draft) => Draft>;

const CALLERS: { weight: number; arbitrary: fc.Arbitrary<Caller> }[] = [
  { weight: 6, arbitrary: fc.constant('operator') },
  { weight: 3, arbitrary: fc.constantFrom<Caller>('submitter', 'other') },
  { weight: 3, arbitrary: fc.constantFrom<Caller>('reader', 'agent', 'nobody', 'stranger') },
];
const AGENT_CALLERS = [{ weight: 8, arbitrary: fc.constant<Caller>('agent') }, ...CALLERS.slice(2)];

/** Requests for any of these operations, each as likely as the others. */
export function requestsFor(operations: readonly Operation[]): fc.Arbitrary<Draft> {
  return fc.oneof(...operations.map(requestsOf));
}

function requestsOf(operation: Operation): fc.Arbitrary<Draft> {
  const callers = operation.scheme === 'agentToken' ? AGENT_CALLERS : CALLERS;
  return fc.tuple(fitting(operation, fc.oneof(...callers)), changes(operation)).map(([draft, change]) => change(draft));
}

/** Requests as the document allows them, by somebody who may ask. */
export function fittingRequests(operation: Operation): fc.Arbitrary<Draft> {
  return fitting(operation, fc.constant(operation.scheme === 'agentToken' ? 'agent' : 'operator'));
}

function fitting(operation: Operation, caller: fc.Arbitrary<Caller>): fc.Arbitrary<Draft> {
  return fc.record({
    operation: fc.constant(operation),
    caller,
    method: fc.constant(operation.method),
    path: given(operation, 'path'),
    query: given(operation, 'query'),
    headers: given(operation, 'header'),
    body: bodies(operation),
    rawPath: fc.constant(undefined),
    rawQuery: fc.constant(undefined),
    change: fc.constant<Draft['change']>({ kind: 'none' }),
  });
}

function given({ parameters }: Operation, place: string): fc.Arbitrary<Given[]> {
  const one = parameters
    .filter((parameter) => parameter.in === place)
    .map(({ name, schema, required }) => {
      const value = allowed(schema, name).map((made) => [{ name, value: made }]);
      return required ? value : fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, value);
    });
  return fc.tuple(...one).map((lists) => lists.flat());
}

function bodies({ bodies: byType }: Operation): fc.Arbitrary<Body | undefined> {
  const kinds = Object.entries(byType).map(([type, schema]): fc.Arbitrary<Body | undefined> => {
    if (!type.startsWith('multipart/')) return allowed(schema, '').map((value) => ({ kind: 'json', value }));
    return allowed(schema, '').map((value) => ({ kind: 'form', parts: partsOf(schema, value) }));
  });
  return kinds.length === 0 ? fc.constant(undefined) : fc.oneof(...kinds);
}

function partsOf(schema: Schema, value: unknown): Part[] {
  return Object.entries(value as object).flatMap(([name, one]) => {
    if (schema.properties?.[name]?.items?.format !== 'binary') return [{ name, value: one }];
    return (one as unknown[]).map((content, nth) => ({ name, value: content, fileName: `file ${nth}.txt` }));
  });
}

function changes(operation: Operation): Change {
  const fields = fieldsOf(operation);
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant((draft: Draft) => draft) },
    ...(fields.length > 0 ? [{ weight: 8, arbitrary: fc.oneof(...fields) }] : []),
    { weight: 2, arbitrary: extraFields },
    { weight: 2, arbitrary: oddBodies },
    { weight: 2, arbitrary: oddPaths },
    { weight: 2, arbitrary: oddQueries },
    { weight: 1, arbitrary: otherMethods },
    { weight: 2, arbitrary: oddHeaders },
    ...('multipart/form-data' in operation.bodies ? [{ weight: 3, arbitrary: oddForms }] : []),
  );
}

/** A change for each parameter and each field of the body: another value, or none. */
function fieldsOf({ parameters, bodies: byType }: Operation): Change[] {
  const ofParameters = parameters.map(
    ({ name, in: place, schema }): Change =>
      odd(schema).map((value) => (draft) => {
        const key = place === 'header' ? 'headers' : place;
        const others = draft[key].filter((one) => one.name !== name);
        return { ...draft, [key]: [...others, { name, value }], change: { kind: 'field', field: name } };
      }),
  );
  const json = byType['application/json'];
  return [...ofParameters, ...(json ? fieldsIn(json, []) : [])];
}

function fieldsIn(schema: Schema, path: string[]): Change[] {
  const inside = Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const here = [...path, name];
    const replaced: Change = odd(property).map((value) => (draft) => replace(draft, here, value));
    const left: Change = fc.constant((draft) => replace(draft, here, undefined));
    return [replaced, ...(schema.required?.includes(name) ? [left] : []), ...fieldsIn(property, here)];
  });
  return schema.items ? [...inside, ...fieldsIn(schema.items, [...path, '0'])] : inside;
}

/** The draft with another value at this place of its JSON body; as it was, if the body has no such place. */
function replace(draft: Draft, path: readonly string[], value: unknown): Draft {
  if (draft.body?.kind !== 'json') return draft;
  const body = copyOf(draft.body.value);
  const names = path.slice(0, -1);
  const parent = names.reduce<unknown>((at, name) => (isObject(at) ? Reflect.get(at, name) : undefined), body);
  const last = path.at(-1) ?? '';
  if (!isObject(parent)) return draft;
  if (value === undefined) Reflect.deleteProperty(parent, last);
  else Reflect.set(parent, last, value);
  const field = path[0] ?? '';
  return { ...draft, body: { kind: 'json', value: body }, change: { kind: 'field', field } };
}

/** Of lists and plain objects; what stands for something else stays itself. */
function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyOf);
  if (!isObject(value) || ![Object.prototype, null].includes(Object.getPrototypeOf(value))) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, copyOf(part)]));
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const extraFields: Change = fc
  .tuple(fc.constantFrom('nonsense', 'toString', 'constructor', 'descriptionn', 'id', ''), odd({}))
  .map(([name, value]) => (draft: Draft) => {
    if (draft.body?.kind !== 'json' || !isObject(draft.body.value) || Array.isArray(draft.body.value)) return draft;
    const body = Object.fromEntries([...Object.entries(draft.body.value), [name, value]]);
    return { ...draft, body: { kind: 'json', value: body }, change: { kind: 'whole', what: 'a field too many' } };
  });

const JSON_TYPE = 'application/json';
const BROKEN_BODIES: [bytes: string | Uint8Array, type: string | undefined][] = [
  ['', JSON_TYPE],
  ['{', JSON_TYPE],
  ['{"description":"unfinished', JSON_TYPE],
  ["{'description':'single quotes'}", JSON_TYPE],
  ['{"description":"twice the same","description":"something else"}', JSON_TYPE],
  ['null', JSON_TYPE],
  ['[]', JSON_TYPE],
  ['"text"', JSON_TYPE],
  ['1e400', JSON_TYPE],
  ['{}{}', JSON_TYPE],
  ['{"a":NaN}', JSON_TYPE],
  ['\ufeff{}', JSON_TYPE],
  ['{"description":"\\ud800 alone in a description"}', JSON_TYPE],
  ['{"__proto__":{"role":"operate"}}', JSON_TYPE],
  ['{"a":{"__proto__":{"b":1}}}', JSON_TYPE],
  [Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3, 0x28]), JSON_TYPE],
  [Buffer.from('{"description":"invalid \xc3\x28 UTF-8"}', 'latin1'), JSON_TYPE],
  ['['.repeat(50_000), JSON_TYPE],
  [`${'['.repeat(50_000)}${']'.repeat(50_000)}`, JSON_TYPE],
  [`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`, JSON_TYPE],
  [`{"description":"${'x'.repeat(300_000)}"}`, JSON_TYPE],
  ['description=a+form+of+a+browser', 'application/x-www-form-urlencoded'],
  ['<task/>', 'application/xml'],
  ['{"description":"without any type"}', undefined],
  ['{}', 'text/plain'],
  ['{}', 'application/json; charset=utf-16'],
  ['{}', 'APPLICATION/JSON'],
  ['{}', 'application/json, application/json'],
  ['{}', 'application/vnd.api+json'],
  ['{}', 'nonsense'],
  ['{}', '/'],
  ['{}', ';;;'],
  ['no form at all', 'multipart/form-data'],
  ['no form at all', 'multipart/form-data; boundary='],
  ['--b\r\n', 'multipart/form-data; boundary=b'],
  ['--b\r\nContent-Disposition: form-data; name="plan"\r\n\r\n{', 'multipart/form-data; boundary=b'],
  ['--b\r\nnonsense\r\n\r\nx\r\n--b--\r\n', 'multipart/form-data; boundary=b'],
];

const oddBodies: Change = fc.oneof(
  fc.constantFrom(...BROKEN_BODIES).map(([bytes, type]) => (draft: Draft): Draft => {
    const change = { kind: 'whole', what: `the body ${String(bytes).slice(0, 30)} as ${type}` } as const;
    return { ...draft, body: { kind: 'raw', bytes, type }, change };
  }),
  fc.oneof(odd({}), polluting, fc.constant(new Nested(250))).map(
    (value) =>
      (draft: Draft): Draft => ({
        ...draft,
        body: { kind: 'json', value },
        change: { kind: 'whole', what: 'another value as body' },
      }),
  ),
  fc.constant((draft: Draft): Draft => ({ ...draft, body: undefined, change: { kind: 'whole', what: 'no body' } })),
);

const PATH_TAILS = [
  '/',
  '//',
  '%2f',
  '/..',
  '/%2e%2e/%2e%2e/etc/passwd',
  '%00',
  '%c0%af',
  '%ed%a0%80',
  '%',
  '%zz',
  ';a=b',
  '/nonsense',
  '\xff\xfe',
  '%0d%0aX-Injected:1',
  '%E2%80%AE',
  `/${'a'.repeat(3_000)}`,
  '%25%32%65',
];

const oddPaths: Change = fc.constantFrom(...PATH_TAILS).map(
  (rawPath) =>
    (draft: Draft): Draft => ({
      ...draft,
      rawPath,
      change: { kind: 'whole', what: `${rawPath.slice(0, 20)} behind the path` },
    }),
);

const QUERIES = [
  '&',
  '&=&=',
  'a[b][c]=1',
  '__proto__=1',
  '__proto__[role]=operate',
  'constructor.prototype.role=operate',
  '%',
  '%ff',
  '%00=%00',
  'limit=1&limit=2',
  'user_id=ada&user_id=bob',
  'cursor=AAAA',
  'cursor=eyJhIjoxfQ',
  'description',
  '?',
  'utf8=%E2%9C%93',
  '\xe4=\xf6',
  Array.from({ length: 1_500 }, (_, nth) => `p${nth}=`).join('&'),
  `text=${'%F0%9F%98%80'.repeat(400)}`,
];

const oddQueries: Change = fc.constantFrom(...QUERIES).map(
  (rawQuery) =>
    (draft: Draft): Draft => ({
      ...draft,
      rawQuery,
      change: { kind: 'whole', what: `the query ${rawQuery.slice(0, 30)}` },
    }),
);

const otherMethods: Change = fc
  .constantFrom('HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'GET', 'POST', 'TRACE', 'PROPFIND', 'QUERY')
  .map((method) => (draft: Draft): Draft => {
    if (method === draft.method) return draft;
    return { ...draft, method, change: { kind: 'whole', what: `the method ${method}` } };
  });

const HEADERS: [name: string, value: string][] = [
  ['content-type', 'application/json'],
  ['content-type', 'text/html'],
  ['accept', 'image/png'],
  ['accept-encoding', 'nonsense, gzip;q=x'],
  ['content-encoding', 'gzip'],
  ['origin', 'https://evil.example'],
  ['origin', 'null'],
  ['sec-fetch-site', 'cross-site'],
  ['referer', '\xff\xff'],
  ['x-forwarded-for', '127.0.0.1, ::1, nonsense'],
  ['x-http-method-override', 'DELETE'],
  ['x-original-url', '/keys'],
  ['cookie', '__proto__=1; a=b'],
  ['range', 'bytes=0-0,-1'],
  ['if-none-match', '*'],
  ['idempotency-key', ''],
  ['idempotency-key', 'k\xff'],
  ['prefer', 'respond-async; wait=10, respond-async'],
  ['traceparent', '00-00000000000000000000000000000000-0000000000000000-00'],
  ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
  ['traceparent', 'nonsense'],
  ['last-event-id', '-1'],
  ['last-event-id', '99999999999999999999999'],
  ['authorization', 'Basic Og=='],
  ['authorization', 'Bearer '],
  ['upgrade', 'websocket'],
  ['x-long', 'v'.repeat(9_000)],
];

/** Once, or twice the same header. */
const oddHeaders: Change = fc
  .tuple(fc.constantFrom(...HEADERS), fc.boolean())
  .map(([[name, value], isTwice]) => (draft: Draft): Draft => {
    const headers = [...draft.headers, { name, value }, ...(isTwice ? [{ name, value: `${value}2` }] : [])];
    return { ...draft, headers, change: { kind: 'whole', what: `the header ${name}: ${value.slice(0, 30)}` } };
  });

const PARTS: Part[] = [
  { name: 'files', value: 'content', fileName: '../../up.txt' },
  { name: 'files', value: 'content', fileName: 'nul\u0000.txt' },
  { name: 'files', value: 'content', fileName: 'a'.repeat(400) },
  { name: 'files', value: 'content', fileName: '.' },
  { name: 'files', value: 'content', fileName: '' },
  { name: 'files', value: 'content', fileName: 'same.txt' },
  { name: 'files', value: 'not a file' },
  { name: 'nonsense', value: 'content', fileName: 'a.txt' },
  { name: 'plan', value: '{"subtasks":[]}' },
  { name: 'plan', value: '{', fileName: 'plan.json' },
  { name: 'plan', value: '{"__proto__":1}', type: 'application/json' },
  { name: '__proto__', value: 'x' },
  { name: 'description', value: 'A description that stands in a form twice' },
  { name: 'description', value: 'with \u0000 in it, and long enough' },
  { name: '', value: '' },
  { name: 'user_id', value: '\ud800' },
  { name: 'files', value: 'x'.repeat(250_000), fileName: 'large.bin' },
];

const oddForms: Change = fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 4 }).map(
  (parts) =>
    (draft: Draft): Draft => ({
      ...draft,
      body: { kind: 'form', parts: [{ name: 'description', value: 'Count the words of the files' }, ...parts] },
      change: { kind: 'whole', what: 'odd parts of a form' },
    }),
);
