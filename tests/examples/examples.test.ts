// Every example runs, as somebody would run it who installed the package, and prints what it is there to show.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort } from '../support/processes.ts';
import { type PackedApp, packedApp } from './packed-app.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
const run = promisify(execFile);

/** What each must print, in this order. */
const PRINTS: Record<string, RegExp[]> = {
  'given-plan.mjs': [
    /completed {2}agent_\d {2}Statistics of the given table/,
    /completed {2}agent_3 {2}Write the results/,
    /output\/report\.md:/,
    /Statistics of the given table: .*"sum":65,/,
    /Statistics of the given table: .*"sum":125,/,
  ],
  'client.mjs': [
    /submitted twice, one task: task_\w+/,
    /^1 {2}task\.created$/m,
    /task\.completed$/m,
    /completed: factorial of 12 = 479001600/,
    /ada has 1 task\(s\); the crew has 5 agents/,
    /refused: \w+ in description: description has 9 characters/,
  ],
  'budget.mjs': [
    /failed after 4 turns, 2 of 3 done/,
    /the budget is used up, 4 of 4 turns/,
    /completed after 6 turns, 3 of 3 done/,
    /their sum is 175/,
  ],
  'files.mjs': [/completed: /, /input\/temperatures\.csv\ncity,temperature/, /output\/summary\.md\n.*16\.6666666667/],
  'live-events.mjs': [/received 1 {2}task\.created/, /received \d+ {2}task\.completed/, /the receiver took \d+ events/],
  'own-service.mjs': [/completed: /, /rate: count 3, sum 13\.5/],
  'resume.mjs': [
    /kill -9/,
    /completed {2}attempt 1 {2}Calculate factorial of 5/,
    /completed {2}attempt 2 {2}Wait 2 seconds/,
    /^completed: 3 results/m,
  ],
};

let app: PackedApp;
let settings: Record<string, string>;
let stop: () => Promise<void>;

beforeAll(async () => {
  app = packedApp();
  const [orchestrator, rates, second] = [await freePort(), await freePort(), await freePort()];
  const common = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '' };
  settings = {
    ...common,
    ORCHESTRATOR_URL: `http://127.0.0.1:${orchestrator}`,
    RATES_PORT: String(rates),
    ORCHESTRATOR_PORT: String(second),
  };
  const muster = spawn(process.execPath, [app.cli, 'up'], {
    cwd: app.folder,
    env: {
      ...common,
      ORCHESTRATOR_PORT: String(orchestrator),
      AGENT_BASE_PORT: '0',
      DASHBOARD_PORT: '0',
      MUSTER_MODEL: 'offline',
      HTTP_TOOL_ALLOW: `localhost:${rates}`,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  stop = async () => {
    muster.kill('SIGINT');
    await once(muster, 'exit');
  };
  let said = '';
  while (!said.includes('Ctrl-C stops everything')) said += String((await once(muster.stdout, 'data'))[0]);
});

afterAll(async () => {
  await stop?.();
  app?.remove();
});

describe('an example', () => {
  it.each(Object.entries(PRINTS))('%s runs from the packed package', async (file, prints) => {
    const { stdout } = await run(process.execPath, [join('examples', file)], { cwd: app.folder, env: settings });
    let rest = stdout;
    for (const pattern of prints) {
      expect(rest, `${file} printed:\n${stdout}`).toMatch(pattern);
      const found = pattern.exec(rest);
      rest = rest.slice((found?.index ?? 0) + (found?.[0].length ?? 0));
    }
  });

  it('is in the table, and run here', () => {
    const files = readdirSync(new URL('../../examples/', import.meta.url)).filter((name) => name.endsWith('.mjs'));
    const page = readFileSync(new URL('../../examples/README.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/^\| \[([\w.-]+)\]\(\1\) \|/gm)].map((match) => match[1]);
    expect(listed.toSorted()).toEqual(files.toSorted());
    expect(Object.keys(PRINTS).toSorted()).toEqual(files.toSorted());
  });
});
