// Muster in one process: `muster up` on the same servers.
import { startUp } from '../muster-processes.mjs';
import { openSession } from '../muster-session.mjs';

/** @type {import('../engines.mjs').Engine} */
export const engine = {
  key: 'muster_one_process',
  title: 'Muster in one process',
  package: '',
  settings:
    '`muster up` with POSTGRES_URL and REDIS_URL: orchestrator and the default crew in one process, HTTP between them all the same; the two agents that can do the steps have half the slots each',
  durability: 'PostgreSQL: fsync and synchronous_commit on; Redis may be lost at any moment',
  open: async (scene) => openSession(await startUp(scene)),
};
