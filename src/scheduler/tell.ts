// Notices as the scheduler sends them: a lost one costs time, never truth, so one that cannot be sent does not stop the
// work that it speaks of.
import type { Bus, NoticeName, Notices } from '../bus/bus.ts';
import { type Logger, namesIn } from '../log.ts';

export interface Voice {
  bus: Bus;
  logger: Logger;
}

export async function tell<N extends NoticeName>(
  { bus, logger }: Voice,
  notice: N,
  payload: Notices[N],
): Promise<void> {
  try {
    await bus.notify(notice, payload);
  } catch (error) {
    logger.warn({ err: error, notice, ...namesIn(payload) }, 'a notice could not be sent');
  }
}

export async function tellOfEvents(voice: Voice, taskIds: readonly string[]): Promise<void> {
  if (taskIds.length > 0) await tell(voice, 'events', { task_ids: [...new Set(taskIds)] });
}
