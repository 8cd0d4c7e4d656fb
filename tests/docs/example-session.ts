// Sends the examples of docs/api/ to a running Muster, as curl would, and keeps what later ones refer to.
import { expect, vi } from 'vitest';
import { pathOf } from '../../scripts/api/curl.mjs';
import type { Example } from '../../scripts/api/examples.mjs';
import { type Client, createClient } from '../../src/protocol/client.ts';

const PATIENCE = { timeout: 60_000, interval: 50 };

export interface Place {
  orchestrator: string;
  agent: string;
  agentToken: string;
}

export interface Answer {
  status: number;
  isJson: boolean;
  /** Parsed where it is JSON. */
  body: unknown;
}

export class ExampleSession {
  private readonly kept = new Map<string, string>();
  private readonly place: Place;

  constructor(place: Place) {
    this.place = place;
  }

  async send(example: Example, operation: { method: string; path: string }): Promise<Answer> {
    await this.awaitWork(example);
    const base = example.service === 'agent' ? this.place.agent : this.place.orchestrator;
    const url = new URL(this.filled(pathOf(example, operation.path)), base);
    const leave = new AbortController();
    const answer = await fetch(url, {
      method: operation.method,
      headers: this.headersOf(example),
      body: this.bodyOf(example),
      signal: leave.signal,
    });
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false;
    const text = example.events ? await firstEvents(answer, example.events) : await answer.text();
    leave.abort();
    const body = isJson ? JSON.parse(text) : text;
    for (const [name, place] of Object.entries(example.keep ?? {})) this.kept.set(name, at(body, place));
    return { status: answer.status, isJson, body };
  }

  private async awaitWork({ ended, running, idle }: Example): Promise<void> {
    const client = createClient({ url: this.place.orchestrator });
    if (ended) await client.wait(this.valueOf(ended));
    if (idle) await vi.waitFor(async () => expect(await busyOf(client)).toEqual([]), PATIENCE);
    if (!running) return;
    await vi.waitFor(async () => {
      const { task } = await client.getTask(this.valueOf(running));
      expect(task.subtasks.map(({ status }) => status)).toContain('running');
    }, PATIENCE);
  }

  private headersOf({ headers = {}, as, body }: Example): Record<string, string> {
    const bearer = as && { authorization: `Bearer ${as === 'key' ? this.valueOf('KEY') : this.place.agentToken}` };
    return { ...(body !== undefined && { 'content-type': 'application/json' }), ...bearer, ...headers };
  }

  private bodyOf({ body, form, files = {} }: Example): string | FormData | null {
    if (body !== undefined) return this.filled(JSON.stringify(body));
    if (!form) return null;
    const data = new FormData();
    for (const [name, value] of Object.entries(form)) data.append(name, value);
    for (const [name, content] of Object.entries(files)) data.append('files', new File([content], name));
    return data;
  }

  private filled(text: string): string {
    return text.replace(/\$([A-Z_]+)/g, (_, name) => this.valueOf(name));
  }

  private valueOf(name: string): string {
    const value = this.kept.get(name);
    if (value === undefined) throw new Error(`no example before kept $${name}`);
    return value;
  }
}

async function busyOf(client: Client): Promise<string[]> {
  return (await client.agents()).filter((agent) => !agent.is_available).map((agent) => agent.agent_id);
}

async function firstEvents(answer: Response, count: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const events = text.match(/^(?:.+\n)*event: .+\n(?:.+\n)*\n/gm) ?? [];
    if (events.length >= count) return events.slice(0, count).join('');
  }
  throw new Error(`the stream ended before ${count} events: ${text}`);
}

function at(body: unknown, place: string): string {
  let value: unknown = body;
  for (const step of place.split('.')) value = (value as Record<string, unknown> | undefined)?.[step];
  if (typeof value !== 'string') throw new Error(`the answer holds nothing at ${place}: ${JSON.stringify(body)}`);
  return value;
}
