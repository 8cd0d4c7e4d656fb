// The text cast of README.md: what `muster submit --watch` prints, from a real run of everything in one process with the
// offline model. Written between two markers; tests/integration/cast.test.ts compares it with a run of its own.
// usage: npm run build && node scripts/record-cast.mjs
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const README = new URL('../README.md', import.meta.url);
const CLI = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const TASK = 'Calculate factorial of 10 and calculate fibonacci of 30 independently, then combine results';
const BEGIN = '<!-- cast: written by scripts/record-cast.mjs -->';
const END = '<!-- end of cast -->';

/** The lines of one run, the command first. What each subtask handed over is left out: `…` stands for it. */
export async function recordCast() {
  const folder = await mkdtemp(join(tmpdir(), 'muster-cast-'));
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    ORCHESTRATOR_PORT: String(port),
    AGENT_BASE_PORT: '0',
    DASHBOARD_PORT: '0',
    MUSTER_MODEL: 'offline',
    ORCHESTRATOR_URL: `http://127.0.0.1:${port}`,
  };
  const muster = start(['up'], { env, cwd: folder });
  try {
    await muster.prints('Ctrl-C stops everything');
    const watching = start(['submit', TASK, '--watch'], { env, cwd: folder });
    await watching.ended;
    return [`$ npx muster submit "${TASK}" --watch`, ...withoutHandOvers(watching.output())];
  } finally {
    muster.child.kill('SIGINT');
    await muster.ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** The lines between the markers, without the fence. @param {string} markdown */
export function castIn(markdown) {
  const between = markdown.split(BEGIN)[1]?.split(END)[0];
  if (between === undefined) throw new Error(`README.md has no cast: it goes between ${BEGIN} and ${END}`);
  return between.split('\n').filter((line) => line !== '' && !line.startsWith('```'));
}

/** What differs from run to run is masked: ids, agents, times. @param {string} line */
export function masked(line) {
  return line
    .replace(/\btask_\w+/g, 'task_…')
    .replace(/\bagent_\d\b/g, 'agent_…')
    .replace(/\b\d+(\.\d)? s\b/g, '… s')
    .replace(/ +/g, ' ')
    .trim();
}

/** @param {string} output */
function withoutHandOvers(output) {
  const lines = output.trimEnd().split('\n');
  const result = lines.indexOf('Result');
  return [...lines.slice(0, lines.indexOf('')), '  …', ...lines.slice(result)];
}

/** @param {string[]} args @param {{ env: NodeJS.ProcessEnv, cwd: string }} options */
function start(args, options) {
  const child = spawn(process.execPath, [CLI, ...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += String(chunk);
    });
  const ended = once(child, 'close');
  /** @param {string} words */
  const prints = async (words) => {
    while (!output.includes(words)) {
      if (child.exitCode !== null) throw new Error(`muster ${args[0]} ended with ${child.exitCode}: ${output}`);
      await Promise.race([once(child.stdout, 'data'), ended]);
    }
  };
  return { child, ended, prints, output: () => output };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address ? address.port : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const markdown = await readFile(README, 'utf8');
  castIn(markdown);
  const block = ['```console', ...(await recordCast()), '```'].join('\n');
  const [before, after] = [markdown.split(BEGIN)[0], markdown.split(END)[1]];
  await writeFile(README, `${before}${BEGIN}\n${block}\n${END}${after}`);
  console.log(block);
}
