// Telling others over the bus, and waiting to be told. What is told is committed already, so a bus that fails costs time
// and never truth: it is logged, and the answer goes out.
import type { NoticeName, Notices } from '../bus/bus.ts';
import type { Parts } from './parts.ts';

type Messenger = Pick<Parts, 'bus' | 'logger'>;

export async function announce<N extends NoticeName>(to: Messenger, notice: N, payload: Notices[N]): Promise<void> {
  try {
    await to.bus.notify(notice, payload);
  } catch (error) {
    to.logger.warn({ err: error, notice }, 'the bus did not take a notice');
  }
}

export interface TaskBell {
  /** Resolves when events of the task were committed since the last call, after `ms`, or when the signal aborts. */
  next(ms: number, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Listens for new events of one task. Rings once for many notices; whoever hears it reads the database. */
export async function listenToTask(parts: Messenger & Pick<Parts, 'clock'>, taskId: string): Promise<TaskBell> {
  let rung = false;
  let wake = () => {};
  const ring = ({ task_id }: Notices['events']) => {
    if (task_id !== taskId) return;
    rung = true;
    wake();
  };
  const unsubscribe = await parts.bus.subscribe('events', ring).catch((error: unknown) => {
    parts.logger.warn({ err: error }, 'the bus cannot be listened to; the database is read at intervals instead');
    return () => {};
  });
  return {
    async next(ms, signal) {
      if (!rung && !signal.aborted) await pause(parts, { ms, signal, onWake: (resolve) => (wake = resolve) });
      rung = false;
    },
    close: unsubscribe,
  };
}

interface Pause {
  ms: number;
  signal: AbortSignal;
  onWake: (resolve: () => void) => void;
}

function pause({ clock }: Pick<Parts, 'clock'>, { ms, signal, onWake }: Pause): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal.addEventListener('abort', end, { once: true });
    onWake(end);
  });
}
