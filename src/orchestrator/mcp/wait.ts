// Waiting for the end of a task within one call: woken by the bus, read from the database. It ends with the task, when its
// time is over, when nobody waits for the answer any more, when the service stops, or when the caller's key is revoked.
import { AppError } from '../../domain/errors.ts';
import { pause } from '../bell.ts';
import { linkedAbort } from '../linked-abort.ts';
import { listenToTask, type TaskBell } from '../notices.ts';
import type { Parts } from '../parts.ts';
import { progressOf, readState, type TaskState } from './task-state.ts';
import type { ToolCall } from './tool.ts';

/** The database is read at least this often, since a notice may be lost. */
const LOOK_MS = 5_000;
/** And at most this often: the subtasks of a large task end by the hundred. */
const ROUND_MS = 250;
/** Progress is told again after this much silence, for clients that give up on a call that says nothing. */
const REPEAT_MS = 15_000;

export interface WaitingCall extends Pick<ToolCall, 'caller' | 'gone' | 'hearCancellation' | 'report'> {
  parts: Pick<Parts, 'db' | 'bus' | 'clock' | 'logger' | 'stopping'>;
}

export interface Wait {
  taskId: string;
  timeoutMs: number;
}

/** The state at the end of the task or, with `ended` false, of the wait. Throws not_found, unauthorized. */
export async function waitForTask(call: WaitingCall, { taskId, timeoutMs }: Wait): Promise<TaskState> {
  const { parts, caller, gone } = call;
  const ending = linkedAbort(parts.stopping, gone, caller.revoked);
  // Listening starts before the first read, so that nothing falls between the two.
  const [deafen, bell] = await Promise.all([call.hearCancellation(), listenToTask(parts, taskId)]);
  try {
    const until = parts.clock.now().getTime() + timeoutMs;
    return await follow(call, { taskId, until, bell, signal: ending.signal });
  } finally {
    bell.close();
    deafen();
    ending.release();
  }
}

interface Following {
  taskId: string;
  until: number;
  bell: TaskBell;
  signal: AbortSignal;
}

async function follow(call: WaitingCall, { taskId, until, bell, signal }: Following): Promise<TaskState> {
  const { clock } = call.parts;
  const teller = new Teller(call);
  for (;;) {
    const state = await readState(call.parts, taskId);
    const readAt = clock.now().getTime();
    if (call.caller.revoked.aborted) throw revoked();
    if (state.ended || readAt >= until || signal.aborted) return state;
    await teller.tell(state);
    await bell.next(Math.min(LOOK_MS, until - readAt), signal);
    const early = Math.min(readAt + ROUND_MS, until) - clock.now().getTime();
    if (early > 0) await pause(clock, { ms: early, signal });
  }
}

function revoked(): AppError {
  return new AppError('unauthorized', 'the API key of this call was revoked while it waited: use another key', {
    field: 'authorization',
  });
}

/** Tells what changed, and repeats it when nothing does. */
class Teller {
  private readonly call: WaitingCall;
  private last = { message: '', at: 0 };

  constructor(call: WaitingCall) {
    this.call = call;
  }

  async tell(state: TaskState): Promise<void> {
    const progress = progressOf(state);
    const at = this.call.parts.clock.now().getTime();
    if (progress.message === this.last.message && at - this.last.at < REPEAT_MS) return;
    this.last = { message: progress.message, at };
    await this.call.report(progress);
  }
}
