// Now and then, one process at a time: removes what is older than the settings keep, with the files of the tasks that go.
import { randomUUID } from 'node:crypto';
import { holdLease } from '../store/leases.ts';
import { type KeepDays, prune } from '../store/retention.ts';
import type { Parts } from './parts.ts';
import { removeFolder, taskFolder } from './task-files.ts';

const EVERY_MS = 3_600_000;
/** When a run could not finish, or died, the next one comes this soon. */
const AGAIN_MS = 60_000;
/** A run begins no further batch after this long. */
const RUN_MS = 10_000;

export type PruningParts = Pick<Parts, 'db' | 'clock' | 'logger' | 'stopping'> & {
  config: Pick<Parts['config'], 'sharedFiles'>;
};

/** Call it as often as you like: it does something at most once an hour, whichever process asks. */
export async function pruneByAge(parts: PruningParts, keep: KeepDays): Promise<void> {
  const { db, clock, stopping } = parts;
  if (Object.values(keep).every((days) => days === null)) return;
  // The lease is the calendar: while it is held, nobody prunes. Its holder is this run, so that no other run renews it.
  const run = { name: 'retention', holder: randomUUID() };
  if (!(await holdLease(db, run, AGAIN_MS))) return;
  const until = clock.now().getTime() + RUN_MS;
  let more = true;
  while (more && !stopping.aborted && clock.now().getTime() < until) {
    const pruned = await prune(db, keep, (taskIds) => removeFolders(parts, taskIds));
    more = pruned.more;
    if (pruned.tasks + pruned.events + pruned.logs > 0)
      parts.logger.info(pruned, 'removed what was older than is kept');
  }
  await holdLease(db, run, more ? AGAIN_MS : EVERY_MS);
}

/** A folder that cannot be removed must not keep every later task from going: it stays, and the log says so. */
async function removeFolders({ config, logger }: PruningParts, taskIds: readonly string[]): Promise<void> {
  for (const taskId of taskIds) {
    const folder = taskFolder(config.sharedFiles, taskId);
    await removeFolder(folder).catch((error: unknown) =>
      logger.warn({ err: error, task_id: taskId, folder }, 'the folder of a removed task could not be removed'),
    );
  }
}
