// A measurement that is broken off leaves nothing behind: no process, and no database.
import { killAll } from './processes.mjs';
import { dropAll } from './servers.mjs';

/** To be called once, before anything is started. */
export function cleanUpWhenInterrupted() {
  process.once('exit', killAll);
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM']))
    process.once(signal, async () => {
      killAll();
      await dropAll();
      process.exit(130);
    });
}
