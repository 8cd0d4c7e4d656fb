// Telling others over the bus, and waiting to be told. What is told is committed already, so a bus that fails costs time
// and never truth: it is logged, and the answer goes out.
import type { Bus, NoticeName, Notices } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { type Logger, namesIn } from '../log.ts';
import { type Bell, createBell } from './bell.ts';

interface Messenger {
  bus: Bus;
  logger: Logger;
}

export async function announce<N extends NoticeName>(to: Messenger, notice: N, payload: Notices[N]): Promise<void> {
  try {
    await to.bus.notify(notice, payload);
  } catch (error) {
    to.logger.warn({ err: error, notice, ...namesIn(payload) }, 'the bus did not take a notice');
  }
}

/** Resolves, once listening, to a function that stops it. Who listens reads the database at intervals too. */
export async function listen<N extends NoticeName>(
  to: Messenger,
  notice: N,
  listener: (payload: Notices[N]) => void,
): Promise<() => void> {
  return to.bus.subscribe(notice, listener).catch((error: unknown) => {
    to.logger.warn({ err: error, notice }, 'the bus cannot be listened to; the database is read at intervals instead');
    return () => {};
  });
}

export interface TaskBell extends Pick<Bell, 'next'> {
  close(): void;
}

/** Rings when events of the task were committed. */
export async function listenToTask(parts: Messenger & { clock: Clock }, taskId: string): Promise<TaskBell> {
  const bell = createBell(parts.clock);
  const close = await listen(parts, 'events', ({ task_ids }) => {
    if (task_ids.includes(taskId)) bell.ring();
  });
  return { next: bell.next, close };
}
