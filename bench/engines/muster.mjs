// Muster as it is used: an orchestrator process and agent processes with several slots each, HTTP between them.
import { startServices } from '../muster-processes.mjs';
import { openSession } from '../muster-session.mjs';

/** @type {import('../engines.mjs').Engine} */
export const engine = {
  key: 'muster',
  title: 'Muster',
  package: '',
  settings: `an orchestrator process and two agent processes (AGENT_RUNTIME=simulate) with half the slots each, HTTP between them; for W3, 100 agents in two processes; all tasks by the typed client's submitAll, a hundred with their plans in each request`,
  durability: 'PostgreSQL: fsync and synchronous_commit on; Redis may be lost at any moment',
  open: async (scene) => openSession(await startServices(scene)),
};
