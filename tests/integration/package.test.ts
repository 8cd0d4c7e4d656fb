// The package as it is published: packed, put into an empty project, compiled against and run. Its dependencies are linked
// instead of fetched: only those that package.json declares can be found.
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../support/processes.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const { version, dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string;
  dependencies: Record<string, string>;
};

let project: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'muster-package-'));
  const packed = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', project], { cwd: ROOT });
  const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }];
  await run('tar', ['-xzf', filename], { cwd: project });
  mkdirSync(join(project, 'node_modules'));
  cpSync(join(project, 'package'), join(project, 'node_modules', 'muster'), { recursive: true });
  for (const name of [...Object.keys(dependencies), '@types/node', 'undici-types']) link(name);
  env = { PATH: process.env.PATH, HOME: project, ORCHESTRATOR_PORT: String(await freePort()), AGENT_BASE_PORT: '0' };
});
afterAll(() => rm(project, { recursive: true, force: true }));

function link(name: string): void {
  const place = join(project, 'node_modules', name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', name), place);
}

const muster = (...args: string[]) =>
  run(process.execPath, [join(project, 'node_modules/muster/dist/cli/main.js'), ...args], { cwd: project, env });

it('compiles with every example of docs/client.md, strictly', async () => {
  const page = readFileSync(join(project, 'package', 'docs', 'client.md'), 'utf8');
  const examples = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);
  expect(examples.length).toBeGreaterThanOrEqual(4);
  examples.forEach((text, at) => void writeFileSync(join(project, `example-${at}.ts`), text));
  writeFileSync(join(project, 'wrong.ts'), WRONG);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'a-user', private: true, type: 'module' }));
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const compiled = await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: project }).then(
    () => '',
    ({ stdout }: { stdout: string }) => stdout,
  );
  // What must not compile does not: the types are there, and are no `any`.
  const errors = compiled.split('\n').filter((line) => line.includes('error TS'));
  expect(errors.map((line) => line.slice(0, line.indexOf(':')))).toEqual(['wrong.ts(3,42)', 'wrong.ts(4,55)']);
});

const WRONG = `import { createClient } from 'muster';
const client = createClient({ url: 'http://127.0.0.1:8000' });
export const submitted = client.submit({ description: 10 });
export const status = (await client.getTask('')).task.state;
`;

it('says its version', async () => {
  expect((await muster('--version')).stdout).toBe(`${version}\n`);
});

it('examines the machine', async () => {
  const { stdout, stderr } = await muster('doctor', '--json');
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: { check: string }[] };
  expect([ok, stderr]).toEqual([true, '']);
  expect(findings.map(({ check }) => check)).toEqual(expect.arrayContaining(['Node.js', 'PostgreSQL', 'model']));
});
