// Thousands of generated requests to every operation of both documents, against a whole Muster: embedded, and on real
// servers. A route that is added is fuzzed because it stands in contracts/. FUZZ_SEED repeats the requests of a run (what
// they meet depends on what came before, so on time too), FUZZ_REQUESTS makes it longer.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freshPostgres, freshRedis } from '../support/servers.ts';
import { nameOf, type Operation, operationsOf } from './document.ts';
import { type FuzzedMuster, SECRETS, type Servers, startFuzzed, TOKENS } from './muster.ts';
import { judge, reaches } from './oracle.ts';
import { Names } from './placeholders.ts';
import { type Draft, fittingRequests, requestsFor } from './requests.ts';
import { type Answer, fillIn, type Sent, Wire } from './wire.ts';

const SEED = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 1e9));
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 5_000);
const AT_ONCE = 8;
/** A machine that does much else makes every process wait; an expression that backtracks would take far longer. */
const LOOP_BLOCKED_SECONDS = 3;
const PROBLEMS_SHOWN = 40;
/** A request that the document allows may still ask for what is not there. */
const VISITS = 200;

vi.setConfig({ testTimeout: 60_000 + REQUESTS * 60, hookTimeout: 120_000 });

const postgres = await freshPostgres('fuzz');
const redis = await freshRedis('fuzz');
afterAll(async () => {
  await postgres?.drop();
  await redis?.flush();
});

const OPERATIONS = [...operationsOf('orchestrator'), ...operationsOf('agent')];

describe('embedded', () => fuzz({ requests: REQUESTS }));
describe.skipIf(!postgres || !redis)('on PostgreSQL and Redis', () =>
  fuzz({
    requests: Math.ceil(REQUESTS / 2),
    servers: { POSTGRES_URL: postgres?.url ?? '', REDIS_URL: redis?.url ?? '' },
  }),
);

function fuzz({ requests, servers }: { requests: number; servers?: Servers }): void {
  let muster: FuzzedMuster;
  let run: Run;
  beforeAll(async () => {
    muster = await startFuzzed(servers);
    run = new Run(muster);
  });
  afterAll(async () => {
    run?.close();
    await muster?.remove();
  });

  it(`answers ${requests} requests of seed ${SEED} as the documents say`, async () => {
    console.log(`FUZZ_SEED=${SEED} FUZZ_REQUESTS=${REQUESTS}: ${OPERATIONS.length} operations`);
    await run.prepare();
    await run.all(fc.sample(requestsFor(OPERATIONS), { numRuns: requests, seed: SEED }));
    expect(run.problems.slice(0, PROBLEMS_SHOWN).join('\n\n'), `${run.problems.length} problems`).toBe('');
  });

  it('had a good answer from every operation at least once', async () => {
    const quiet = OPERATIONS.filter((operation) => !run.succeeded.has(nameOf(operation)));
    await run.visit(quiet);
    expect(quiet.map(nameOf).filter((name) => !run.succeeded.has(name))).toEqual([]);
    expect(run.problems).toEqual([]);
  });

  it('still works: it is healthy, takes a task to its end, and its event loop was never blocked for long', async () => {
    for (const address of ['/healthz', '/readyz']) expect((await fetch(`${muster.url}${address}`)).status).toBe(200);
    for (const agent of muster.agents) expect((await fetch(`${agent}/health`)).status).toBe(200);
    const { task_id } = await muster.client.submit({
      description: 'Calculate factorial of 10',
      plan: planFor('completed'),
    });
    expect((await muster.client.wait(task_id)).task.status).toBe('completed');
    await run.readLoop();
    expect(run.loopSeconds).toBeGreaterThan(0);
    expect(run.loopSeconds).toBeLessThan(LOOP_BLOCKED_SECONDS);
  });

  it('ends when it is told to, its store as it must be, with nothing in its log that was not foreseen', async () => {
    const { code, broken } = await muster.stop();
    expect(broken).toEqual({});
    expect(code).toBe(0);
    expect(muster.errors()).toBe('');
  });
}

/** How many tasks of each user there are before, by their status. */
const BEFORE = { completed: 3, failed: 8, in_progress: 12 };
const INPUTS: Record<string, object> = { failed: { fail: 'it was to fail' }, in_progress: { duration_ms: 3_600_000 } };

function planFor(state: string) {
  const step = { description: 'The only step of it', required_capabilities: ['data_analysis' as const] };
  return { subtasks: [{ ...step, input_data: INPUTS[state] ?? {} }] };
}

async function jsonOf(url: string, init: RequestInit): Promise<Record<string, unknown>> {
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}

class Run {
  readonly problems: string[] = [];
  readonly succeeded = new Set<string>();
  answers = 0;
  /** The longest that the event loop was late, as far as the metrics were read. */
  loopSeconds = 0;
  private readonly muster: FuzzedMuster;
  private names = new Names();
  private readonly wire = new Wire();

  constructor(muster: FuzzedMuster) {
    this.muster = muster;
  }

  /** Tasks of both users in every state, with results, log lines and files, so that requests find something. */
  async prepare(): Promise<void> {
    for (const user of [TOKENS.submitter, TOKENS.other])
      for (const [state, count] of Object.entries(BEFORE))
        for (let nth = 0; nth < count; nth += 1) await this.prepareOne(user ?? '', state, nth);
  }

  private async prepareOne(token: string, state: string, nth: number): Promise<void> {
    const form = new FormData();
    form.set('description', `Task ${nth} that was ${state} before`);
    form.set('plan', JSON.stringify(planFor(state)));
    form.set('files', new Blob(['some words in a file']), `words ${nth}.txt`);
    const headers = { authorization: `Bearer ${token}` };
    const { task_id } = await jsonOf(`${this.muster.url}/tasks`, { method: 'POST', body: form, headers });
    if (state !== 'in_progress') await this.muster.client.wait(String(task_id));
    const { task } = await this.muster.client.getTask(String(task_id));
    this.names.gather(task, { task_id: task.id, user_id: task.user_id });
    const files = await jsonOf(`${this.muster.url}/tasks/${task_id}/files`, { headers });
    this.names.gather(files, { task_id: task.id, user_id: task.user_id });
  }

  /** Several at once; a new one as soon as one is answered. */
  async all(drafts: readonly Draft[]): Promise<void> {
    const left = [...drafts.entries()].reverse();
    const work = async () => {
      for (let next = left.pop(); next; next = left.pop()) await this.one(...next);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  /** With nothing changed, and tasks that nobody has touched yet: until each has had its good answer. */
  async visit(operations: readonly Operation[]): Promise<void> {
    this.names = new Names();
    await this.prepare();
    for (const operation of operations) {
      const drafts = fc.sample(fittingRequests(operation), { numRuns: VISITS, seed: SEED });
      for (const [nth, draft] of drafts.entries()) {
        if (this.succeeded.has(nameOf(operation))) break;
        await this.one(nth, draft);
      }
    }
  }

  close(): void {
    this.wire.close();
  }

  async readLoop(): Promise<void> {
    const headers = { authorization: `Bearer ${TOKENS.operator}` };
    this.heedLoop(await (await fetch(`${this.muster.url}/metrics`, { headers })).text());
  }

  private async one(nth: number, draft: Draft): Promise<void> {
    const sent = fillIn(draft, this.names, TOKENS);
    const { agents, url } = this.muster;
    const to = draft.operation.service === 'agent' ? (agents[nth % agents.length] ?? '') : url;
    const answer = await this.wire.send(to, sent).catch((error: Error) => error);
    if (answer instanceof Error) {
      this.problems.push(`request ${nth}: ${shown(sent)}\n  no answer: ${answer.message}`);
      return;
    }
    this.answers += 1;
    this.learn(sent, answer);
    const wrong = judge(sent, answer, { names: this.names, secrets: SECRETS });
    for (const one of wrong) this.problems.push(`request ${nth}: ${shown(sent)}\n  ${answer.status}: ${one}`);
  }

  private learn(sent: Sent, { status, text }: Answer): void {
    if (status >= 300) return;
    if (reaches(sent)) this.succeeded.add(nameOf(sent.draft.operation));
    if (text.startsWith('#')) this.heedLoop(text);
    if (text.startsWith('{')) this.names.gather(JSON.parse(text), sent.path);
  }

  private heedLoop(metrics: string): void {
    const lag = Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(metrics)?.[1] ?? 0);
    this.loopSeconds = Math.max(this.loopSeconds, lag);
  }
}

function shown({ draft, method, address, headers, bytes }: Sent): string {
  const change = draft.change.kind === 'field' ? draft.change.field : Object.values(draft.change).at(-1);
  const body = bytes ? ` ${bytes.toString('utf8').slice(0, 300)}` : '';
  const shownHeaders = headers.filter(([name]) => name !== 'authorization').map(([name, value]) => `${name}: ${value}`);
  return `${draft.operation.service} ${method} ${address.slice(0, 200)} by ${draft.caller} [changed: ${change}] {${shownHeaders.join(', ').slice(0, 200)}}${body}`;
}
