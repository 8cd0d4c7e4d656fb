// HTTP in virtual time: stands where `fetch` stands, between the scheduler's dispatch and the agents.
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
  process: Process;
  manner: Manner;
  /** Takes the request's body; throws an AppError for what it turns down. */
  accept(body: string): unknown;
}

/** Sees that an answer to `body` is given in `host`'s manner. Resolves to null when the connection breaks. */
async function answer(timeline: Timeline, host: Host, body: string): Promise<Response | null> {
  const { manner } = host;
  if (manner === 'is busy') return reply(503, { detail: 'busy', code: 'busy' });
  if (manner === 'finds the request wrong') return reply(400, { detail: 'wrong', code: 'invalid_request' });
  if (manner === 'breaks') return reply(500, { detail: 'broken', code: 'internal' });
  if (manner === 'never answers') return new Promise<never>(() => undefined);
  if (manner === 'answers late') await timeline.perform(LATE_MS, host.process, () => undefined);
  const response = tryOut(() => host.accept(body));
  if (manner === 'accepts and never answers anyway') return new Promise<never>(() => undefined);
  return manner === 'accepts and hangs up anyway' ? null : response;
}

function tryOut(accept: () => unknown): Response {
  try {
    return reply(200, accept());
  } catch (error) {
    if (error instanceof AppError) return reply(error.status, { detail: error.message, code: error.code });
    throw error;
  }
}

function reply(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status });
}

/** What takes the place of the global `fetch`; `find` knows who listens at an address. */
export function createNetwork(timeline: Timeline, find: (url: URL) => Host | undefined): typeof fetch {
  return (input, init) => {
    const caller = timeline.current;
    if (!caller || !(input instanceof URL) || typeof init?.body !== 'string')
      throw new Error('only processes of the simulation call each other, with text');
    const { signal, body } = init;
    return new Promise((resolve, reject) => {
      const fail = (code: string) =>
        reject(new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) }));
      signal?.addEventListener('abort', () => reject(signal.reason));
      const back = (act: () => void) => timeline.after(timeline.delay(), caller, act);
      const arrive = async () => {
        const host = find(input);
        if (!host?.process.alive) return back(() => fail('ECONNREFUSED'));
        host.process.onDeath.push(() => back(() => fail('ECONNRESET')));
        // A stopped process answers when it goes on.
        timeline.after(0, host.process, () => {
          void answer(timeline, host, body).then((response) =>
            back(() => (response ? resolve(response) : fail('ECONNRESET'))),
          );
        });
      };
      timeline.after(timeline.delay(), null, arrive);
    });
  };
}
