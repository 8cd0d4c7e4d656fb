// A whole Muster for a test: everything in one process on free ports, in a folder of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningMuster, startAllInOne } from '../../src/boot/all-in-one.ts';
import { readConfig } from '../../src/config.ts';
import { createLogger } from '../../src/log.ts';

export interface TestMuster extends RunningMuster {
  folder: string;
}

/** Settings are those of the environment; the rest is chosen so that nothing outside the test is touched. */
export async function startMuster(settings: Record<string, string> = {}): Promise<TestMuster> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-test-'));
  const config = readConfig({
    ORCHESTRATOR_PORT: '0',
    AGENT_BASE_PORT: '0',
    DASHBOARD_PORT: '0',
    MUSTER_DATA: join(folder, 'data'),
    SHARED_FILES: join(folder, 'files'),
    MUSTER_MODEL: 'offline',
    LOG_LEVEL: 'error',
    ...settings,
  });
  const muster = await startAllInOne(config, createLogger(config.LOG_LEVEL));
  return {
    ...muster,
    folder,
    stop: async () => {
      await muster.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
