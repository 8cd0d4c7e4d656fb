// A generated request as bytes on a connection, and what came back.
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request as open, type RequestOptions } from 'node:http';
import { jsonOf, type Names } from './placeholders.ts';
import type { Body, Caller, Draft, Given, Part } from './requests.ts';

/** A draft with its names filled in. */
export interface Sent {
  draft: Draft;
  method: string;
  address: string;
  /** By parameter name, as they stand in the path. */
  path: Record<string, string>;
  query: Given[];
  headers: [string, string][];
  /** The body as a value, when it was sent as JSON. */
  json: unknown;
  bytes: Buffer | undefined;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  ms: number;
}

/** A request without an answer for this long has hung. */
const ANSWER_MS = 30_000;
const CONNECTIONS = 16;
/** Streams of events stay open until as many newer ones are. */
const STREAMS = 24;
/** Characters of a parameter: encoded, most still fit into the 16 KB of a request's head. */
const PARAMETER_MAX = 2_500;

export type Tokens = Record<Caller, string | undefined>;

export function fillIn(draft: Draft, names: Names, tokens: Tokens): Sent {
  const chosen: Record<string, string> = {};
  const fill = (given: Given[]): Given[] =>
    given.map(({ name, value }) => ({ name, value: names.fill(value, chosen) }));
  // What belongs to a task is chosen first: its task comes with it.
  const path = Object.fromEntries(fill([...draft.path].reverse()).map(({ name, value }) => [name, textOf(value)]));
  const query = fill(draft.query);
  const body = draft.body && bodyOf(draft.body, (value) => names.fill(value, chosen));
  const token = tokens[draft.caller];
  const headers: [string, string][] = fill(draft.headers).map(({ name, value }) => [name, headerOf(textOf(value))]);
  if (token !== undefined) headers.push(['authorization', `Bearer ${token}`]);
  if (body?.type !== undefined) headers.push(['content-type', body.type]);
  return {
    draft,
    method: draft.method,
    address: addressOf(draft, path, query),
    path,
    query,
    headers,
    json: body?.json,
    bytes: body?.bytes,
  };
}

function addressOf({ operation, rawPath, rawQuery }: Draft, path: Record<string, string>, query: Given[]): string {
  const filled = operation.path.replace(/\{(\w+)\}/g, (_, name) => encoded(path[name] ?? ''));
  const pairs = query.flatMap(({ name, value }) =>
    (Array.isArray(value) && value.length < 50 ? value : [value]).map((one) => `${name}=${encoded(textOf(one))}`),
  );
  const asked = [...pairs, ...(rawQuery === undefined ? [] : [rawQuery])].join('&');
  return `${filled}${rawPath ?? ''}${asked === '' ? '' : `?${asked}`}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' && !value.startsWith('\u{10fffd}') ? value : jsonOf(value);
}

/** As encodeURIComponent, which throws at lone surrogates. */
function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text.slice(0, PARAMETER_MAX)).toString('utf8'));
}

/** UTF-8 as the bytes it is; control characters cannot be sent by a client of Node. */
function headerOf(text: string): string {
  return Buffer.from(text.slice(0, PARAMETER_MAX))
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e\x80-\xff]/g, '?');
}

interface Bytes {
  bytes: Buffer;
  type: string | undefined;
  json?: unknown;
}

function bodyOf(body: Body, fill: (value: unknown) => unknown): Bytes {
  if (body.kind === 'raw') return { bytes: Buffer.from(body.bytes), type: body.type };
  if (body.kind === 'form')
    return { bytes: formOf(body.parts, fill), type: `multipart/form-data; boundary=${BOUNDARY}` };
  const text = jsonOf(fill(body.value));
  return { bytes: Buffer.from(text), type: 'application/json', json: parsed(text) };
}

/** As the service will read it: a number that is too large has become another. */
function parsed(text: string): unknown {
  return JSON.parse(text);
}

const BOUNDARY = 'boundary-of-the-parts';

function formOf(parts: Part[], fill: (value: unknown) => unknown): Buffer {
  const chunks = parts.map(({ name, value, fileName, type }) => {
    const file = fileName === undefined ? '' : `; filename="${fileName}"`;
    const typed = type === undefined ? '' : `Content-Type: ${type}\r\n`;
    const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${typed}\r\n`;
    return `${head}${textOf(fill(value))}\r\n`;
  });
  return Buffer.from(`${chunks.join('')}--${BOUNDARY}--\r\n`);
}

export class Wire {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS + STREAMS });
  private readonly streams: IncomingMessage[] = [];

  /** Rejects when the connection broke before there was an answer. */
  async send(url: string, { method, address, headers, bytes }: Sent): Promise<Answer> {
    const startedAt = performance.now();
    const { hostname, port } = new URL(url);
    const host: [string, string] = ['host', `${hostname}:${port}`];
    const isEmpty = bytes === undefined && !['POST', 'PUT', 'PATCH'].includes(method);
    const length: [string, string][] = isEmpty ? [] : [['content-length', String(bytes?.length ?? 0)]];
    const options = { hostname, port, method, path: address, headers: [host, ...headers, ...length].flat() };
    const response = await this.open(options, bytes);
    const text = await this.read(response);
    return { status: response.statusCode ?? 0, headers: response.headers, text, ms: performance.now() - startedAt };
  }

  close(): void {
    for (const stream of this.streams) stream.destroy();
    this.agent.destroy();
  }

  /** Once more when the service closed a kept connection just then, as it does after a request that it could not read. */
  private async open(options: RequestOptions, bytes: Buffer | undefined, isAgain = false): Promise<IncomingMessage> {
    const sent = open({ ...options, agent: isAgain ? false : this.agent, signal: AbortSignal.timeout(ANSWER_MS) });
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        sent.once('response', resolve).once('error', reject);
        sent.end(bytes);
      });
    } catch (error) {
      if (!sent.reusedSocket || isAgain) throw error;
      return this.open(options, bytes, true);
    }
  }

  /** All of it; of a stream that goes on, nothing. */
  private async read(response: IncomingMessage): Promise<string> {
    if (response.statusCode === 200 && response.headers['content-type']?.startsWith('text/event-stream')) {
      response.on('error', () => undefined).resume();
      this.streams.push(response);
      if (this.streams.length > STREAMS) this.streams.shift()?.destroy();
      return '';
    }
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('utf8');
  }
}
