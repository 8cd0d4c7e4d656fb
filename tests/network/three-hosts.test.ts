// Three hosts on one machine: the servers, an orchestrator, two agents. The agents' cable is cut in the middle of the work
// for longer than they may be silent, and healed: everything ends, and nothing is kept twice.
import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Host, layNetwork, removeNetwork, whyNoNetwork } from './hosts.ts';

const KEY = 'k'.repeat(40);
const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const NODE = process.execPath;
const IN_TIME = { timeout: 60_000, interval: 100 };

const postgresBin = findPostgres();
const reason = whyNoNetwork() ?? (postgresBin ? null : 'no PostgreSQL is installed here');
if (reason) console.warn(`${reason}: the three-hosts run is skipped`);

describe.skipIf(reason)('three hosts', () => {
  const servers = new Host('servers', 1);
  const control = new Host('control', 2);
  const work = new Host('work', 3);
  const folder = mkdtempSync(join(tmpdir(), 'muster-hosts-'));
  const started: ChildProcess[] = [];
  const said = new Map<ChildProcess, string>();

  function start(host: Host, command: string[], env: Record<string, string> = {}): ChildProcess {
    const child = host.spawn(command, env);
    started.push(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => said.set(child, (said.get(child) ?? '') + String(chunk)));
    }
    return child;
  }
  const hears = (child: ChildProcess, words: string) =>
    vi.waitFor(() => expect(said.get(child) ?? '').toContain(words), IN_TIME);

  const common = {
    POSTGRES_URL: `postgresql://postgres@${servers.address}:5432/muster`,
    REDIS_URL: `redis://${servers.address}:6379`,
    MUSTER_AGENT_TOKEN: 'the token of three hosts',
    MUSTER_API_KEYS: `operate:admin:${KEY}`,
    MUSTER_MODEL: 'offline',
    AGENT_RUNTIME: 'simulate',
    HEARTBEAT_INTERVAL_MS: '500',
    HEARTBEAT_TTL_MS: '3000',
    ATTEMPT_TIMEOUT_MS: '20000',
    SHARED_FILES: join(folder, 'files'),
  };
  const api = `http://${control.address}:8000`;
  const muster = (...args: string[]) => control.run(NODE, CLI, '--url', api, '--api-key', KEY, ...args);

  beforeAll(async () => {
    layNetwork();
    for (const host of [servers, control, work]) host.join();
    chmodSync(folder, 0o777);
    const data = join(folder, 'postgres');
    const asPostgres = ['runuser', '-u', 'postgres', '--'];
    execFileSync('runuser', ['-u', 'postgres', '--', `${postgresBin}/initdb`, '-D', data, '-A', 'trust', '--no-sync'], {
      cwd: '/',
      stdio: 'ignore',
    });
    execFileSync('sh', ['-c', `echo 'host all all 10.77.0.0/24 trust' >> ${data}/pg_hba.conf`]);
    const settings = ['-c', 'listen_addresses=*', '-c', 'unix_socket_directories='];
    start(servers, [...asPostgres, `${postgresBin}/postgres`, '-D', data, ...settings]);
    start(servers, ['redis-server', '--bind', '0.0.0.0', '--protected-mode', 'no', '--save', '', '--appendonly', 'no']);
    // Not awaited: every process waits for what it needs.
    const orchestrator = start(control, [NODE, CLI, 'orchestrator'], { ...common, HOST: control.address });
    const agents = [1, 4].map((nth) =>
      start(work, [NODE, CLI, 'agent'], {
        ...common,
        HOST: work.address,
        AGENT_ID: `agent_${nth}`,
        AGENT_SLOTS: '2',
        ORCHESTRATOR_URL: api,
      }),
    );
    for (const child of [orchestrator, ...agents]) await hears(child, ' is up');
  }, 120_000);

  afterAll(async () => {
    for (const child of started) child.kill('SIGTERM');
    await Promise.all(started.map((child) => (child.exitCode === null ? once(child, 'exit') : null)));
    for (const host of [servers, control, work]) host.remove();
    removeNetwork();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('finish their work although the agents’ cable is cut for longer than they may be silent', async () => {
    const plan = join(folder, 'plan.json');
    const step = (nth: number) => ({
      description: `Simulated step number ${nth}`,
      required_capabilities: ['code_generation'],
      dependencies: nth < 3 ? [] : [nth - 3],
      input_data: { duration_ms: 2_000 },
    });
    execFileSync('sh', ['-c', `cat > ${plan}`], {
      input: JSON.stringify({ subtasks: Array.from({ length: 12 }, (_, nth) => step(nth)) }),
    });
    const { task_id } = JSON.parse(muster('submit', 'Twelve steps in three chains', '--plan', plan, '--json'));
    const show = () => JSON.parse(muster('show', task_id, '--json'));
    const count = (status: string) =>
      show().task.subtasks.filter((subtask: { status: string }) => subtask.status === status).length;
    await vi.waitFor(() => expect(count('completed')).toBeGreaterThan(0), IN_TIME);
    work.cut();
    // The orchestrator notices, and takes back what the agents held.
    await vi.waitFor(() => expect(JSON.parse(muster('agents', '--json')).agents).toEqual([]), IN_TIME);
    await vi.waitFor(() => expect(count('running')).toBe(0), IN_TIME);
    work.heal();
    await vi.waitFor(() => expect(show().task.status).toBe('completed'), IN_TIME);
    const { subtask_results: results } = show();
    const completed = results.filter((result: { status: string }) => result.status === 'completed');
    expect(new Set(completed.map((result: { subtask_id: string }) => result.subtask_id)).size).toBe(12);
    expect(completed).toHaveLength(12);
    const lost = results.filter((result: { error_code: string | null }) => result.error_code === 'agent_lost');
    expect(lost.length).toBeGreaterThan(0);
  }, 180_000);
});

function findPostgres(): string | null {
  try {
    const [newest] = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a));
    return newest ? `/usr/lib/postgresql/${newest}/bin` : null;
  } catch {
    return null;
  }
}
