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
  return (await tryToListen(to, notice, listener)) ?? (() => {});
}

/** Null when the bus refuses. */
async function tryToListen<N extends NoticeName>(
  to: Messenger,
  notice: N,
  listener: (payload: Notices[N]) => void,
): Promise<(() => void) | null> {
  return to.bus.subscribe(notice, listener).catch((error: unknown) => {
    to.logger.warn({ err: error, notice }, 'the bus cannot be listened to; the database is read at intervals instead');
    return null;
  });
}

/** What a process listens to from its first use on, until it is closed; what the bus refused is tried again at the next use. */
export class Subscription<N extends NoticeName> {
  private readonly to: Messenger;
  private readonly notice: N;
  private readonly listener: (payload: Notices[N]) => void;
  private begun: Promise<(() => void) | null> | null = null;
  private isClosed = false;

  constructor(to: Messenger, notice: N, listener: (payload: Notices[N]) => void) {
    this.to = to;
    this.notice = notice;
    this.listener = listener;
  }

  /** Resolves once it listens, or cannot for now. */
  async begin(): Promise<void> {
    if (this.isClosed) return;
    this.begun ??= tryToListen(this.to, this.notice, this.listener);
    const { begun } = this;
    if ((await begun) === null && this.begun === begun) this.begun = null;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    const leave = await this.begun;
    leave?.();
  }
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
