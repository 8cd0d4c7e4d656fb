// scripts/start.sh and scripts/stop.sh, with a program in the place of `docker` that writes down what it is asked.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfig } from '../../src/config.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DOCKER = `#!/bin/sh
echo "$@" >> "$DOCKER_LOG"
case "$*" in *" up "*) exit "\${UP_EXIT:-0}" ;; esac
`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-start-'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/docker'), DOCKER, { mode: 0o755 });
  for (const name of ['start.sh', 'stop.sh']) cpSync(join(ROOT, 'scripts', name), join(folder, 'scripts', name));
  cpSync(join(ROOT, '.env.example'), join(folder, '.env.example'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(words: string, env: Record<string, string> = {}) {
  const [script = '', ...args] = words.split(' ');
  const { status, stdout, stderr } = spawnSync('/bin/sh', [join(folder, 'scripts', script), ...args], {
    env: { PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, DOCKER_LOG: join(folder, 'asked'), ...env },
    encoding: 'utf8',
  });
  const asked = existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8') : '';
  return { status, stdout, stderr, asked };
}
const settingsFile = () => parseEnv(readFileSync(join(folder, '.env'), 'utf8'));

describe('start.sh', () => {
  it('writes .env once, with secrets that only its owner reads and that Muster accepts', () => {
    expect(run('start.sh').status).toBe(0);
    const written = settingsFile();
    for (const name of ['POSTGRES_PASSWORD', 'REDIS_PASSWORD', 'MUSTER_AGENT_TOKEN', 'MUSTER_API_KEY']) {
      expect(written[name]).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(written.MUSTER_API_KEYS).toBe(`operate:admin:${written.MUSTER_API_KEY}`);
    expect(statSync(join(folder, '.env')).mode & 0o077).toBe(0);
    expect(() => readConfig(written)).not.toThrow();
    expect(run('start.sh').stdout).not.toContain('Wrote .env');
    expect(settingsFile()).toEqual(written);
  });

  it('chooses the offline model when there is no key, and Claude when there is one', () => {
    expect(run('start.sh').stdout).toContain('offline model');
    expect(settingsFile().MUSTER_MODEL).toBe('offline');
    rmSync(join(folder, '.env'));
    expect(run('start.sh', { ANTHROPIC_API_KEY: 'sk-ant-x' }).stdout).not.toContain('offline model');
    expect(settingsFile().MUSTER_MODEL).toBe('');
  });

  it.each([
    ['start.sh', 'docker-compose.yml', 'orchestrator'],
    ['start.sh --scale', 'docker-compose.scale.yml', 'orchestrator1'],
  ])('%s builds, waits for health, and asks the crew', (words, file, orchestrator) => {
    const { status, stdout, asked } = run(words);
    expect(status).toBe(0);
    expect(asked.split('\n').slice(1, 5)).toEqual([
      `compose --file ${file} build`,
      `compose --file ${file} up --detach --wait --wait-timeout 300 --remove-orphans`,
      `compose --file ${file} exec -T ${orchestrator} node /muster/deploy/check-health.mjs http://127.0.0.1:8000/readyz`,
      `compose --file ${file} exec -T --env MUSTER_API_KEY ${orchestrator} muster agents`,
    ]);
    expect(stdout).toContain('http://localhost:8501');
  });

  it('fails when a part stays ill, and says where to look', () => {
    const { status, stderr } = run('start.sh', { UP_EXIT: '1' });
    expect(status).toBe(1);
    expect(stderr).toContain('docker compose --file docker-compose.yml logs');
  });

  it.each([
    [
      'POSTGRES_PASSWORD=x\nMUSTER_MODEL=offline\n',
      '.env does not set REDIS_PASSWORD MUSTER_AGENT_TOKEN MUSTER_API_KEYS',
    ],
    ['POSTGRES_PASSWORD=x\nREDIS_PASSWORD=x\nMUSTER_AGENT_TOKEN=x\nMUSTER_API_KEYS=x\n', 'set ANTHROPIC_API_KEY'],
  ])('refuses the settings %j', (text, words) => {
    writeFileSync(join(folder, '.env'), text);
    const { status, stderr, asked } = run('start.sh');
    expect(status).toBe(1);
    expect(stderr).toContain(words);
    expect(asked).not.toContain('build');
  });

  it('says how to start without containers where there is no Docker', () => {
    writeFileSync(join(folder, 'bin/docker'), '#!/bin/sh\nexit 127\n');
    const { status, stderr } = run('start.sh');
    expect(status).toBe(1);
    expect(stderr).toContain('npm start');
    expect(existsSync(join(folder, '.env'))).toBe(false);
  });
});

describe('stop.sh', () => {
  it('keeps the data unless told otherwise', () => {
    expect(run('stop.sh').asked).toContain('compose --file docker-compose.yml down --remove-orphans\n');
    expect(run('stop.sh --remove-data').asked).toContain('down --remove-orphans --volumes\n');
  });
});

it.each(['start.sh', 'stop.sh'])('%s refuses an option that it does not know', (script) => {
  const { status, stderr } = run(`${script} --what`);
  expect(status).toBe(2);
  expect(stderr).toContain('--what is no option');
});
