// Everything in one process, killed with -9 in the middle of a task: after the next start the task goes on. What was
// completed is kept, what was running runs again. Starts a Muster of its own, on ports and in a folder of its own.
// usage: node examples/resume.mjs
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from 'muster';

const CLI = join(dirname(fileURLToPath(import.meta.resolve('muster/package.json'))), 'dist/cli/main.js');
const { ORCHESTRATOR_PORT = '8100', PATH, HOME } = process.env;
const folder = await mkdtemp(join(tmpdir(), 'muster-resume-'));
const muster = createClient({ url: `http://127.0.0.1:${ORCHESTRATOR_PORT}` });

let running = await up();
const { task_id } = await muster.submit({
  description: 'Calculate factorial of 5, then wait 2 seconds, then combine results',
});
for await (const event of muster.watch(task_id)) if (event.type === 'subtask.completed') break;
running.kill('SIGKILL');
await once(running, 'exit');
console.log('one step is done, the next is running: kill -9');

running = await up();
const { task } = await muster.wait(task_id);
for (const { status, attempt, description } of task.subtasks)
  console.log(`${status}  attempt ${attempt}  ${description}`);
console.log(`${task.status}: ${task.result?.summary.split('\n')[0]}`);
running.kill('SIGINT');
await once(running, 'exit');
await rm(folder, { recursive: true, force: true });

/** Resolves when it is up. */
async function up() {
  const ports = { ORCHESTRATOR_PORT, AGENT_BASE_PORT: '0', DASHBOARD_PORT: '0' };
  const env = { PATH, HOME, MUSTER_MODEL: 'offline', ...ports };
  const child = spawn(process.execPath, [CLI, 'up'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    said += String(chunk);
    if (said.includes('Ctrl-C stops everything')) break;
  }
  child.stdout.resume();
  return child;
}
