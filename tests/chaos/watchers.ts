// Clients that follow a task's events from one orchestrator to the next, whichever answers, and must be told each event once
// and in order.
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from '../../src/protocol/client.ts';
import type { Random } from './random.ts';

export interface Watched {
  id: string;
  /** The types of the events it was told, as they came. */
  told: string[];
  /** It was told that the task ended. */
  ended: boolean;
}

export interface Watch {
  id: string;
  random: Random;
  urls: readonly string[];
  /** Gives up. */
  signal: AbortSignal;
}

const AGAIN_MS = 200;

/** Resolves when the task has ended, or when the signal aborts. */
export async function watchTask({ id, random, urls, signal }: Watch): Promise<Watched> {
  const told: string[] = [];
  while (!signal.aborted) {
    // Also when nothing breaks, it moves on to another orchestrator after a while.
    const moving = AbortSignal.timeout(random.between(2_000, 8_000));
    const client = createClient({ url: random.pick(urls) });
    try {
      for await (const { seq, type } of client.watch(id, {
        lastEventId: told.length,
        signal: AbortSignal.any([signal, moving]),
      }))
        told.push(seq === told.length + 1 ? type : `${type}, number ${seq} in place of ${told.length + 1}`);
      return { id, told, ended: true };
    } catch {
      await pause(AGAIN_MS);
    }
  }
  return { id, told, ended: false };
}

/** What watchers were told differently from what the database has: by task, the types of its events. */
export function misinformed(watched: readonly Watched[], happened: ReadonlyMap<string, readonly { type: string }[]>) {
  return watched.filter(({ id, told, ended }) => {
    const types = (happened.get(id) ?? []).map((event) => event.type);
    return !ended || told.some((type, nth) => type !== types[nth]);
  });
}
