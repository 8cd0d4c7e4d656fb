// The Compose files come up: the image as the Dockerfile builds it, with production dependencies and an ordinary user; each
// service with its own command, settings and health check; three tasks through all of it; a clean end.
import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_CREW } from '../../src/domain/agent.ts';
import { descendantsOf, isAlive } from '../support/processes.ts';
import { freshPostgres } from '../support/servers.ts';
import { type ComposeFile, readCompose } from './compose-file.ts';
import { buildImage, type Image } from './image.ts';
import { LocalStack } from './local-stack.ts';

const KEY = 'c0ffee'.repeat(8);
const SECRETS = {
  POSTGRES_PASSWORD: 'a-password',
  REDIS_PASSWORD: 'another-password',
  MUSTER_AGENT_TOKEN: 'the token of this trial',
  MUSTER_API_KEYS: `operate:admin:${KEY}`,
  MUSTER_MODEL: 'offline',
};
const LONG = 300_000;

const postgres = await freshPostgres('compose');
const run = promisify(execFile);
let folder: string;
let image: Image;

describe.skipIf(!postgres)('in containers', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'muster-compose-'));
    image = buildImage(folder);
  }, LONG);
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await postgres?.drop();
  }, LONG);

  let stack: LocalStack;
  const start = async (file: ComposeFile) => {
    stack = new LocalStack({ file, image, postgresUrl: postgres?.url ?? '' });
    await stack.start();
  };
  afterEach(() => stack?.killAll());

  const ask = async (url: string) => {
    const response = await fetch(url, { headers: { authorization: `Bearer ${KEY}` } });
    expect(response.status, url).toBe(200);
    return response.json();
  };
  const testSystem = async (url: string) => {
    const env = { PATH: process.env.PATH, ORCHESTRATOR_URL: url, MUSTER_API_KEY: KEY };
    const program = join(image.root, 'muster/dist/scripts/test_system.js');
    return (await run(process.execPath, [program, '--minutes', '4'], { env })).stdout;
  };
  const stop = async () => {
    const children = stack.instances.flatMap(({ child }) => descendantsOf(child.pid ?? 0));
    const codes = await stack.stop();
    expect(
      Object.values(codes).every((code) => code === 0 || code === 'SIGKILL'),
      JSON.stringify(codes),
    ).toBe(true);
    expect(children.filter(({ pid }) => isAlive(pid))).toEqual([]);
    return codes;
  };

  it(
    'the crew of five does three tasks, and everything stops when told to',
    async () => {
      await start(readCompose('docker-compose.yml', SECRETS));
      const url = stack.urlOf('orchestrator');
      const { agents } = (await ask(`${url}/agents`)) as { agents: { agent_id: string; capabilities: string[] }[] };
      const crew = agents.map(({ agent_id, capabilities }) => ({ agent_id, capabilities }));
      expect(crew.toSorted((a, b) => (a.agent_id < b.agent_id ? -1 : 1))).toEqual(DEFAULT_CREW);
      expect(await testSystem(url)).toContain('every agent that should work did');
      expect((await fetch(stack.urlOf('dashboard'))).headers.get('content-type')).toContain('text/html');
      expect((await fetch(`${url}/tasks`)).status).toBe(401);
      expect(Object.values(await stop()).filter((code) => code !== 0)).toEqual([]);
    },
    LONG,
  );

  it(
    'two orchestrators and ten agents do three tasks, and do them again when one orchestrator is gone',
    async () => {
      // Ten warm sessions at once are more than a small machine has room for.
      await start(readCompose('docker-compose.scale.yml', { ...SECRETS, AGENT_RUNTIME: 'simulate' }));
      const [first, second] = ['orchestrator1', 'orchestrator2'].map((name) => stack.urlOf(name)) as [string, string];
      expect(((await ask(`${first}/agents`)) as { agents: unknown[] }).agents).toHaveLength(10);
      expect(await testSystem(first)).toContain('every agent that should work did');
      const gone = stack.instances.find(({ service }) => service === 'orchestrator1');
      gone?.child.kill('SIGKILL');
      await gone?.exited;
      expect(await testSystem(second)).toContain('every agent that should work did');
      expect(Object.values(await stop()).filter((code) => code !== 0)).toEqual(['SIGKILL']);
    },
    LONG,
  );
});
