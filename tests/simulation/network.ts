// HTTP in virtual time, between the scheduler's dispatch and the agents.
import { Agent, type Dispatcher } from 'undici';
import { AppError } from '../../src/domain/errors.ts';
import type { Process, Timeline } from './timeline.ts';

/** How an agent answers. Only `accepts` and the two `… anyway` take the attempt. */
export const MANNERS = [
  'accepts',
  'is busy',
  'finds the request wrong',
  'breaks',
  'never answers',
  'answers late',
  'accepts and never answers anyway',
  'accepts and hangs up anyway',
] as const;
export type Manner = (typeof MANNERS)[number];

/** Longer than the scheduler waits for an answer. */
const LATE_MS = 6_000;

export interface Host {
  agentId: string;
  process: Process;
  manner: Manner;
  /** Takes the request's body; throws an AppError for what it turns down. */
  accept(body: string): unknown;
}

interface Answer {
  status: number;
  text: string;
}

interface Call {
  path: string;
  body: string;
}

/** Sees that an answer to a call is given in `host`'s manner. Resolves to null when the connection breaks. */
async function answer(timeline: Timeline, host: Host, call: Call): Promise<Answer | null> {
  const { manner } = host;
  if (manner === 'is busy') return reply(503, { detail: 'busy', code: 'busy' });
  if (manner === 'finds the request wrong') return reply(400, { detail: 'wrong', code: 'invalid_request' });
  if (manner === 'breaks') return reply(500, { detail: 'broken', code: 'internal' });
  if (manner === 'never answers') return new Promise<never>(() => undefined);
  if (manner === 'answers late') await timeline.perform(LATE_MS, host.process, () => undefined);
  const response = take(host, call);
  if (manner === 'accepts and never answers anyway') return new Promise<never>(() => undefined);
  return manner === 'accepts and hangs up anyway' ? null : response;
}

/** One subtask, or several at once. */
function take(host: Host, { path, body }: Call): Answer {
  if (path === '/execute') return tryOut(() => host.accept(body));
  const { executions } = JSON.parse(body) as { executions: unknown[] };
  const answers = executions.map((one) => {
    const { status, text } = tryOut(() => host.accept(JSON.stringify(one)));
    return status === 200 ? { status: 'accepted' } : { status: 'refused', ...JSON.parse(text) };
  });
  return reply(200, { agent_id: host.agentId, answers });
}

function tryOut(accept: () => unknown): Answer {
  try {
    return reply(200, accept());
  } catch (error) {
    if (error instanceof AppError) return reply(error.status, { detail: error.message, code: error.code });
    throw error;
  }
}

function reply(status: number, body: unknown): Answer {
  return { status, text: JSON.stringify(body) };
}

/** What takes the place of undici's dispatcher, by which the product sends requests; `find` knows who listens at an address. */
export function createNetwork(timeline: Timeline, find: (url: URL) => Host | undefined): Dispatcher {
  const dispatch: Dispatcher.Dispatch = (options, handler) => {
    const caller = timeline.current;
    const { origin, path, body } = options;
    if (!caller || typeof body !== 'string')
      throw new Error('only processes of the simulation call each other, with text');
    const url = new URL(path, origin);
    const exchange = new Exchange(handler);
    const back = (act: () => void) => timeline.after(timeline.delay(), caller, act);
    const arrive = async () => {
      const host = find(url);
      if (!host?.process.alive) return back(() => exchange.fail('ECONNREFUSED'));
      host.process.onDeath.push(() => back(() => exchange.fail('ECONNRESET')));
      // A stopped process answers when it goes on.
      timeline.after(0, host.process, () => {
        void answer(timeline, host, { path, body }).then((given) =>
          back(() => (given ? exchange.end(given) : exchange.fail('ECONNRESET'))),
        );
      });
    };
    timeline.after(timeline.delay(), null, arrive);
    return true;
  };
  return new Agent().compose(() => dispatch);
}

/** One request as its sender sees it: it ends once, whatever comes later. */
class Exchange implements Dispatcher.DispatchController {
  aborted = false;
  reason: Error | null = null;
  readonly paused = false;
  private readonly handler: Dispatcher.DispatchHandler;
  private over = false;

  constructor(handler: Dispatcher.DispatchHandler) {
    this.handler = handler;
    handler.onRequestStart?.(this, {});
  }

  abort(reason: Error): void {
    this.aborted = true;
    this.reason = reason;
    this.finish(() => this.handler.onResponseError?.(this, reason));
  }

  fail(code: string): void {
    this.finish(() => this.handler.onResponseError?.(this, Object.assign(new Error(code), { code })));
  }

  end({ status, text }: Answer): void {
    this.finish(() => {
      this.handler.onResponseStart?.(this, status, { 'content-type': 'application/json' });
      this.handler.onResponseData?.(this, Buffer.from(text));
      this.handler.onResponseEnd?.(this, {});
    });
  }

  pause(): void {}

  resume(): void {}

  private finish(tell: () => void): void {
    if (this.over) return;
    this.over = true;
    tell();
  }
}
