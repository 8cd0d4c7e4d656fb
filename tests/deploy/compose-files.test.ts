// What can be known of the Compose files without starting anything: they are valid, their settings exist, none is forgotten,
// and .env.example explains every variable.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMPOSE_VARIABLES } from '../../scripts/env-example.mjs';
import { settings } from '../../src/config.ts';
import { DEFAULT_CREW } from '../../src/domain/agent.ts';
import { CAPABILITIES } from '../../src/domain/capability.ts';
import { COMPOSE_FILES, type ComposeService, composeText, readCompose, variablesOf } from '../compose/compose-file.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MUST = ['POSTGRES_PASSWORD', 'REDIS_PASSWORD', 'MUSTER_AGENT_TOKEN', 'MUSTER_API_KEYS'];
const SECRETS = Object.fromEntries(MUST.map((name) => [name, `of-${name}`]));
/** What the image or the file itself decides, and what has no use in a container. */
const DECIDED = [
  'HOST',
  'SHARED_FILES',
  'MUSTER_DATA',
  'AGENT_BASE_PORT',
  'OFFLINE_PORT',
  'MUSTER_API_KEY',
  'OTEL_SERVICE_NAME',
];
/** OpenTelemetry reads names of its own, whatever Muster makes of them. */
const isKnown = (name: string) => name in settings.shape || name.startsWith('OTEL_');
/** Which an agent takes along by its id, or from the script that names it. */
const BY_ID = ['AGENT_ID', 'AGENT_URL', 'AGENT_CAPABILITIES'];

const validator = compose();
if (!validator) console.warn('docker-compose is not installed: its judgement of the Compose files is skipped');

describe.each(COMPOSE_FILES)('%s', (name) => {
  const file = readCompose(name, SECRETS);
  const musters = Object.entries(file.services).filter(([, { image }]) => image === 'muster:latest');
  const agents = musters.filter(([part]) => part.startsWith('agent')).map(([, service]) => service);

  it.skipIf(!validator)('is valid for Compose', () => {
    const [program = '', ...words] = validator ?? [];
    execFileSync(program, [...words, '--file', name, 'config', '--quiet'], {
      cwd: ROOT,
      env: { ...process.env, ...SECRETS },
    });
  });

  it.each(MUST)('says so when %s is not set', (missing) => {
    expect(() => readCompose(name, { ...SECRETS, [missing]: '' })).toThrow(missing);
  });

  it.each(musters)('gives %s only settings that exist', (_, { environment }) => {
    expect(Object.keys(environment).filter((setting) => !isKnown(setting))).toEqual([]);
  });

  it('passes on every setting that it does not decide itself', () => {
    const passed = new Set(musters.flatMap(([, { environment }]) => Object.keys(environment)));
    const left = Object.keys(settings.shape).filter((setting) => ![...passed, ...DECIDED, ...BY_ID].includes(setting));
    expect(left).toEqual([]);
  });

  it('gives the database to orchestrators only', () => {
    const reach = Object.entries(file.services).filter(([, service]) => networksOf(service).includes('store'));
    expect(reach.map(([part]) => part.replace(/\d$/, ''))).toEqual(
      expect.arrayContaining(['postgres', 'orchestrator']),
    );
    expect(JSON.stringify(agents)).not.toContain('POSTGRES');
  });

  it('has the crew of `muster up`', () => {
    const crew = agents.map(({ environment: { AGENT_ID, AGENT_CAPABILITIES } }, nth) => ({
      agent_id: AGENT_ID ?? `agent_${nth + 1}`,
      // One of the default crew brings its capabilities along.
      capabilities:
        AGENT_CAPABILITIES?.split(',') ?? DEFAULT_CREW.find(({ agent_id }) => agent_id === AGENT_ID)?.capabilities,
    }));
    expect(crew).toEqual(DEFAULT_CREW);
    expect(CAPABILITIES.filter((one) => !crew.some(({ capabilities }) => capabilities?.includes(one)))).toEqual([]);
  });

  it('keeps what must not be lost in volumes, and publishes on this host only', () => {
    const mounts = Object.values(file.services).flatMap(({ volumes }) => volumes.map((volume) => volume.split(':')[0]));
    expect([...new Set(mounts)].toSorted()).toEqual(Object.keys(file.volumes).toSorted());
    const ports = Object.values(file.services).flatMap((service) => service.ports);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });
});

it('both files are one but for their replicas: the same volumes, parts and variables', () => {
  const [base, scale] = COMPOSE_FILES.map((name) => readCompose(name, SECRETS));
  expect(scale?.volumes).toEqual(base?.volumes);
  const parts = (file: typeof base) =>
    new Set(Object.keys(file?.services ?? {}).map((name) => name.replace(/^(orchestrator)\d$/, '$1')));
  expect(parts(scale)).toEqual(parts(base));
});

describe('every variable of the Compose files', () => {
  const variables = [...new Set(COMPOSE_FILES.flatMap(variablesOf))];

  it('is a setting or explained beside them', () => {
    expect(variables.filter((name) => !isKnown(name) && !(name in COMPOSE_VARIABLES))).toEqual([]);
  });

  it('is read, if it is explained', () => {
    expect(Object.keys(COMPOSE_VARIABLES).filter((name) => !variables.includes(name))).toEqual([]);
  });

  it('has no default just where it must be set', () => {
    const asked = COMPOSE_FILES.flatMap((name) =>
      [...composeText(name).matchAll(/\$\{(\w+):\?/g)].map((match) => match[1] ?? ''),
    );
    expect([...new Set(asked)].toSorted()).toEqual(MUST.toSorted());
  });
});

function networksOf({ networks }: ComposeService): string[] {
  return Array.isArray(networks) ? networks : Object.keys(networks);
}

/** The command of Compose; absent, its judgement is skipped, and in CI that is a failure. */
function compose(): string[] | null {
  for (const command of [['docker', 'compose'], ['docker-compose']]) {
    const [program = '', ...words] = command;
    try {
      execFileSync(program, [...words, 'version'], { stdio: 'ignore' });
      return command;
    } catch {
      // The next one, then.
    }
  }
  if (process.env.CI === 'true')
    throw new Error('docker-compose is not installed, and in CI its judgement must be heard');
  return null;
}
