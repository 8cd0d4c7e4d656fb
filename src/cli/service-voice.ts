// How a service that runs in this process speaks on the command line: what its start waits for, that it is up, that it
// stops. With --json each of the last two is one line of JSON. What it waits for is said on a terminal alone: elsewhere
// standard error belongs to the log.

import type { Voice } from '../boot/service.ts';
import { type Io, writeJsonLine, writeLines } from './io.ts';
import { startProgress } from './progress.ts';

export function voiceOf(io: Io, { json }: { json: boolean }): Voice {
  const progress = !json && io.stderr.isTTY ? startProgress(io, 'starting') : null;
  return {
    step: (what) => progress?.say(`starting: ${what}`),
    up(words, facts) {
      progress?.end();
      if (json) writeJsonLine(io.stdout, { event: 'up', ...facts });
      else writeLines(io.stdout, [words]);
    },
    stopping(words) {
      progress?.end();
      if (json) writeJsonLine(io.stdout, { event: 'stopping' });
      else writeLines(io.stdout, [words]);
    },
  };
}
