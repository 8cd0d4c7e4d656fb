// `npm run chaos -- --minutes 30 --seed 7`: the chaos suite for as long as you like, with a schedule that can be repeated.
// Every other option goes to vitest.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const given = process.argv.slice(2);

/** Takes an option and its value out of what was given. */
function take(/** @type {string} */ name) {
  const place = given.indexOf(name);
  return place < 0 ? undefined : given.splice(place, 2)[1];
}

const [minutes, seed] = [take('--minutes'), take('--seed')];
const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'chaos', ...given], {
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  stdio: 'inherit',
  env: { ...process.env, ...(minutes && { CHAOS_MINUTES: minutes }), ...(seed && { CHAOS_SEED: seed }) },
});
process.exitCode = status ?? 1;
