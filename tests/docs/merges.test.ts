// What a merge may leave behind: marks of a conflict in any file of the repository, and scripts that the shell cannot read.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const cwd = fileURLToPath(new URL('../../', import.meta.url));

it('leaves no marks of a conflict in any file', () => {
  const found = spawnSync('git', ['grep', '-nIE', '^(<{7} |>{7} )'], { cwd, encoding: 'utf8' });
  expect(found.stdout).toBe('');
  // 1 says that it looked, and found nothing.
  expect(found.status, found.stderr).toBe(1);
});

it.each(['.ci/run', 'scripts/start.sh', 'scripts/stop.sh'])('leaves %s as a script that bash can read', (script) => {
  const read = spawnSync('bash', ['-n', script], { cwd, encoding: 'utf8' });
  expect(read.stderr).toBe('');
  expect(read.status).toBe(0);
});
