// Watching a task to its end: events say when to look, the screen shows what is there. Events and looks run side by
// side, so that a thousand events while one look is under way cost one more look, not a thousand.
import { setTimeout as delay } from 'node:timers/promises';
import { ClientError, type TaskResponse } from '../protocol/client.ts';
import type { Context } from './command.ts';
import { Failure } from './failure.ts';
import { writeJson, writeLines } from './io.ts';
import { screenFor } from './screen.ts';
import { outcomeLines } from './task-report.ts';

/** Looks are at least this far apart, and at most REFRESH_MS: waiting reasons change without an event. */
const BREATH_MS = 100;
const REFRESH_MS = 1_000;

/**
 * Shows the task until it ends, then what came of it; with `json` only the final document. Throws a Failure unless it
 * completed. Ctrl-C ends the watching, not the task.
 */
export async function watchTask(context: Context, taskId: string, options: { json: boolean }): Promise<void> {
  const { client, io } = context;
  const stop = new AbortController();
  const release = io.onInterrupt(() =>
    stop.abort(new Failure(`stopped watching; ${taskId} goes on: "muster watch ${taskId}" watches it again`)),
  );
  try {
    const answer = options.json ? await client.wait(taskId, stop) : await showUntilEnd(context, taskId, stop.signal);
    if (options.json) writeJson(io.stdout, answer);
    else writeLines(io.stdout, outcomeLines(answer, io.colors));
    demandCompleted(answer);
  } finally {
    release();
  }
}

function demandCompleted({ task }: TaskResponse): void {
  if (task.status === 'completed') return;
  throw new Failure(`${task.id} ${task.status === 'failed' ? `failed: ${task.error}` : `is ${task.status}`}`);
}

async function showUntilEnd({ client, io }: Context, taskId: string, signal: AbortSignal): Promise<TaskResponse> {
  const screen = screenFor(io);
  let answer = await client.getTask(taskId);
  const bell = createBell();
  const following = follow(client.watch(taskId, { signal }), bell);
  while (!following.ended()) {
    screen.show(answer.task);
    await bell.wait(REFRESH_MS);
    await Promise.race([following.done, delay(BREATH_MS)]);
    answer = (await client.getTask(taskId).catch(nullWhenTransient)) ?? answer;
  }
  await following.done;
  answer = await client.getTask(taskId);
  screen.show(answer.task);
  return answer;
}

/** The event stream reconnects and gives up for both; a look that found nobody is simply not there. */
function nullWhenTransient(error: unknown): null {
  if (error instanceof ClientError && error.transient) return null;
  throw error;
}

/** Rings at each event and at the end. */
function follow(events: AsyncIterable<unknown>, bell: Bell) {
  let over = false;
  const run = async () => {
    try {
      for await (const _ of events) bell.ring();
    } finally {
      over = true;
      bell.ring();
    }
  };
  const done = run();
  // Its failure is thrown where `done` is awaited; until then it must not count as unhandled.
  done.catch(() => undefined);
  return { done, ended: () => over };
}

type Bell = ReturnType<typeof createBell>;

/** A ring that nobody waits for is kept for the next who does. */
function createBell() {
  let rung = false;
  let hear: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      hear?.();
    },
    async wait(ms: number) {
      const heard = new Promise<void>((resolve) => {
        hear = resolve;
      });
      if (!rung) await Promise.race([heard, delay(ms, undefined, { ref: false })]);
      rung = false;
    },
  };
}
