// What clients do meanwhile: submit graphs, each once although they have to ask again and again, watch some, cancel some and
// retry some that failed.
import { setTimeout as pause } from 'node:timers/promises';
import { ClientError, createClient } from '../../src/protocol/client.ts';
import { type GraphStep, makeGraph } from './graphs.ts';
import type { Random } from './random.ts';
import { type Watched, watchTask } from './watchers.ts';

export interface Submitted {
  id: string;
  /** The graph that was given; null when the service was to plan. */
  steps: GraphStep[] | null;
}

export interface Workload {
  submitted: Submitted[];
  /** Some of the tasks, watched to their end. */
  watching: Promise<Watched>[];
}

export interface WorkloadOptions {
  random: Random;
  urls: readonly string[];
  /** Submits in all, the first `atOnce` of them at the start, the others evenly over `durationMs`. */
  tasks: number;
  atOnce: number;
  durationMs: number;
  /** Resolves when few enough tasks are in flight for another one. */
  room: () => Promise<void>;
  /** Ends the watching. */
  signal: AbortSignal;
  log: (line: string) => void;
}

/** A client gives up waiting for one answer, and asks another orchestrator. */
const ANSWER_MS = 8_000;
const AGAIN_MS = 200;
/** One task in this many is watched. */
const WATCHED = 5;
/** However bad it gets, a client that keeps asking is answered within this time. */
const PATIENCE_MS = 120_000;

/** Resolves when every submit was answered. Rejects when one was refused, or is not answered in two minutes. */
export async function runWorkload(options: WorkloadOptions): Promise<Workload> {
  const { random, urls, signal, tasks, atOnce, durationMs, room, log } = options;
  const submitted: Submitted[] = [];
  const watching: Promise<Watched>[] = [];
  const stepMs = durationMs / Math.max(1, tasks - atOnce);
  const work = Array.from({ length: tasks }, async (_, nth) => {
    await pause(Math.max(0, nth - atOnce) * stepMs);
    await room();
    const task = await submit(options, nth);
    submitted.push(task);
    if (nth % WATCHED === 0)
      watching.push(watchTask({ id: task.id, random: random.branch(`watch ${nth}`), urls, signal }));
  });
  const meddling = meddle(options, submitted);
  await Promise.all(work);
  const { cancelled, retried } = await meddling;
  log(`${submitted.length} tasks submitted, ${cancelled} cancelled, ${retried} retried`);
  return { submitted, watching };
}

async function submit({ random, urls }: WorkloadOptions, nth: number): Promise<Submitted> {
  const chance = random.branch(`task ${nth}`);
  const { shape, steps } = makeGraph(chance);
  const given = !chance.chance(0.08);
  const description = given ? `Run ${shape} graph ${nth}` : `Calculate factorial of ${nth % 9} and then factorial of 5`;
  const { task_id } = await persistently(chance, urls, (client) =>
    client.submit({ description, idempotencyKey: `task-${nth}`, ...(given && { plan: { subtasks: steps } }) }),
  );
  return { id: task_id, steps: given ? steps : null };
}

/** Cancels and retries at random; that either comes too late is no trouble. */
async function meddle(options: WorkloadOptions, submitted: readonly Submitted[]) {
  const random = options.random.branch('meddling');
  const counts = { cancelled: 0, retried: 0 };
  const endsAt = Date.now() + options.durationMs;
  while (Date.now() < endsAt) {
    await pause(random.between(300, 1_500));
    const client = clientOf(random.pick(options.urls));
    const cancels = random.chance(0.3);
    try {
      if (cancels) await client.cancel(random.pick(submitted.slice(-20)).id);
      else {
        const { tasks } = await client.listTasks({ status: 'failed', limit: 20 });
        if (tasks.length === 0) continue;
        await client.retry(random.pick(tasks).id);
      }
      counts[cancels ? 'cancelled' : 'retried'] += 1;
    } catch {
      // Too late, or nobody answers now.
    }
  }
  return counts;
}

/** Asks one orchestrator after the other until one answers; only an answer that blames the request is final. */
async function persistently<T>(
  random: Random,
  urls: readonly string[],
  ask: (client: ReturnType<typeof createClient>) => Promise<T>,
): Promise<T> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask(clientOf(random.pick(urls)));
    } catch (error) {
      const blamed = error instanceof ClientError && (error.status ?? 0) >= 400 && (error.status ?? 0) < 500;
      if (blamed || Date.now() > giveUpAt) throw error;
      await pause(AGAIN_MS);
    }
  }
}

function clientOf(url: string) {
  return createClient({
    url,
    fetch: (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(ANSWER_MS) }),
  });
}
