import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Config, loadEnvFile, modelInUse, readConfig, secretsOf, settings } from './config.ts';
import { AppError } from './domain/errors.ts';

function problemsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof AppError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('has a default for all that must be set', () => {
    expect(readConfig({})).toMatchObject({
      HOST: '127.0.0.1',
      ORCHESTRATOR_PORT: 8000,
      AGENT_BASE_PORT: 8001,
      SHARED_FILES: 'shared_files',
      MUSTER_DATA: '.muster',
      SDK_PERMISSION_MODE: 'dontAsk',
      AGENT_SLOTS: 1,
      AGENT_RUNTIME: 'claude',
      HEARTBEAT_INTERVAL_MS: 10_000,
      HEARTBEAT_TTL_MS: 60_000,
      STATE_TTL_MS: 3_600_000,
      HTTP_TOOL_ALLOW: [],
    });
  });

  it('reads numbers, flags and lists from words', () => {
    const config = readConfig({
      ORCHESTRATOR_PORT: '9000',
      AGENT_SLOTS: '4',
      AGENT_WARM_SESSIONS: 'false',
      HTTP_TOOL_ALLOW: ' localhost:9000, 10.0.0.0/8 ,,',
    });
    expect(config).toMatchObject({
      ORCHESTRATOR_PORT: 9000,
      AGENT_SLOTS: 4,
      AGENT_WARM_SESSIONS: false,
      HTTP_TOOL_ALLOW: ['localhost:9000', '10.0.0.0/8'],
    });
  });

  it('takes a variable set to nothing as not set', () => {
    expect(readConfig({ ORCHESTRATOR_PORT: '', MUSTER_MODEL: '', ANTHROPIC_BASE_URL: '' })).toEqual(readConfig({}));
  });

  it('does not mind the rest of the environment', () => {
    expect(readConfig({ PATH: '/bin', HOSTNAME: 'x', MUST: 'y' })).toEqual(readConfig({}));
  });

  it('reads keys of the API, and the word that asks for none', () => {
    const [first, second] = ['a'.repeat(64), `muster_${'b'.repeat(43)}`];
    const { MUSTER_API_KEYS } = readConfig({
      MUSTER_API_KEYS: `operate:admin:${first}, read:ada@example.org:${second}`,
    });
    expect(MUSTER_API_KEYS).toEqual([
      { role: 'operate', user_id: 'admin', key: first },
      { role: 'read', user_id: 'ada@example.org', key: second },
    ]);
    expect(readConfig({ MUSTER_API_KEYS: 'off' }).MUSTER_API_KEYS).toBe('off');
  });

  it.each([
    `operate:${'a'.repeat(64)}`,
    `${'a'.repeat(64)}:admin:operate`,
    'operate:admin:short',
    'off,operate:admin:x',
  ])('refuses the API keys %s without repeating any of it', (MUSTER_API_KEYS) => {
    const problems = problemsOf({ MUSTER_API_KEYS });
    expect(problems).toEqual([
      expect.stringMatching(/^MUSTER_API_KEYS \(hidden\): entry 1 is wrong: an entry is role:user/),
    ]);
  });

  it('counts as secret what must stand in no log line, but no ordinary word', () => {
    const key = 'k'.repeat(32);
    const config = readConfig({
      MUSTER_API_KEYS: `read:ada:${key}`,
      MUSTER_AGENT_TOKEN: 'a-token-of-the-crew',
      ANTHROPIC_API_KEY: 'sk-ant-1',
      POSTGRES_URL: 'postgresql://postgres:postgres@localhost/db',
      REDIS_URL: 'redis://:p%40ssword-of-redis@localhost',
    });
    expect(secretsOf(config)).toEqual([key, 'sk-ant-1', 'a-token-of-the-crew', 'p@ssword-of-redis']);
  });

  it('says what each setting is for', () => {
    for (const [name, schema] of Object.entries(settings.shape)) {
      expect(name).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
      expect(schema.description, name).toMatch(/.{10}/);
    }
  });
});

describe('a wrong setting', () => {
  const wrong: Partial<Record<keyof Config, string>> = {
    ORCHESTRATOR_PORT: '65536',
    DASHBOARD_PORT: '-1',
    AGENT_BASE_PORT: 'many',
    MUSTER_MODEL: 'gpt',
    ORCHESTRATOR_URL: 'localhost 8000',
    POSTGRES_URL: 'mysql://localhost/db',
    REDIS_URL: 'http://localhost',
    ANTHROPIC_BASE_URL: 'not a url',
    SDK_PERMISSION_MODE: 'yolo',
    AGENT_SLOTS: '0',
    AGENT_RUNTIME: 'magic',
    AGENT_WARM_SESSIONS: 'yes',
    AGENT_WARM_MAX: '0',
    AGENT_WARM_IDLE_MS: '-1',
    PLANNING_CONCURRENCY: '0',
    HEARTBEAT_INTERVAL_MS: '0',
    HEARTBEAT_TTL_MS: '1.5',
    ATTEMPT_TIMEOUT_MS: 'soon',
    STATE_TTL_MS: '-5',
    AGENT_ID: 'the boss',
    AGENT_PORT: '-1',
    AGENT_CAPABILITIES: 'juggling',
    AGENT_URL: 'ftp://host',
    MUSTER_AGENT_TOKEN: 'short',
    MUSTER_API_KEYS: 'operate:admin:short',
    RATE_LIMIT: '0',
    SHUTDOWN_MS: '0',
    OFFLINE_PORT: 'x',
    EVENTS_KEEP_DAYS: '0',
    LOGS_KEEP_DAYS: 'never',
    TASKS_KEEP_DAYS: '-1',
    BODY_LIMIT_BYTES: '0',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318',
    LOG_LEVEL: 'loud',
  };

  it.each(Object.entries(wrong))('%s=%s is named, with its value unless it may hold a secret', (name, value) => {
    const [problem, ...others] = problemsOf({ [name]: value });
    const shown = /_URL$|TOKEN|KEY/.test(name) ? '(hidden)' : JSON.stringify(value);
    expect(problem?.startsWith(`${name} ${shown}: `), problem).toBe(true);
    expect(others).toEqual([]);
  });

  it('is tested here for every setting that can be wrong', () => {
    const free = Object.entries(settings.shape).filter(([, schema]) => schema.safeParse('\u0001 any words').success);
    const named = [...Object.keys(wrong), ...free.map(([name]) => name)];
    expect(named.sort()).toEqual(Object.keys(settings.shape).sort());
  });

  it('is told together with all the others, one a line', () => {
    const problems = problemsOf({ AGENT_SLOTS: '0', LOG_LEVEL: 'loud', MUSTER_DATE: 'x' });
    expect(problems.map((line) => line.split(' ')[0])).toEqual(['MUSTER_DATE', 'AGENT_SLOTS', 'LOG_LEVEL']);
  });

  it('never shows a secret', () => {
    const secrets = {
      ANTHROPIC_API_KEY: 'sk-secret-1',
      ANTHROPIC_AUTH_TOKEN: 'secret-2',
      AGENT_SLOTS: 'x',
      MUSTER_AGENT_TOKEN: 'secret-4',
    };
    expect(problemsOf(secrets).join()).not.toContain('secret');
    for (const name of ['ANTHROPIC_BASE_URL', 'POSTGRES_URL', 'REDIS_URL']) {
      const problems = problemsOf({ [name]: 'http//user:secret-3@host' });
      expect(problems).toHaveLength(1);
      expect(problems.join()).not.toContain('secret');
    }
  });
});

describe('an unknown MUSTER_ name', () => {
  it('comes with the setting that was probably meant', () => {
    expect(problemsOf({ MUSTER_MODLE: 'offline' })).toEqual([
      'MUSTER_MODLE is no setting of Muster: did you mean MUSTER_MODEL?',
    ]);
    expect(problemsOf({ MUSTER_DAT: '/tmp' })[0]).toContain('did you mean MUSTER_DATA?');
  });

  it('comes with the list of settings when nothing is near', () => {
    expect(problemsOf({ MUSTER_SOMETHING_ELSE: 'x' })).toEqual([
      'MUSTER_SOMETHING_ELSE is no setting of Muster: see docs/configuration.md',
    ]);
  });
});

describe('the model in use', () => {
  const model = (env: Record<string, string>) => modelInUse(readConfig(env));

  it('is the offline model unless a credential or a gateway is set', () => {
    expect(model({})).toBe('offline');
    expect(model({ ANTHROPIC_API_KEY: 'k' })).toBe('claude');
    expect(model({ ANTHROPIC_AUTH_TOKEN: 't' })).toBe('claude');
    expect(model({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:1234' })).toBe('claude');
  });

  it('is the one chosen, whatever else is set', () => {
    expect(model({ MUSTER_MODEL: 'offline', ANTHROPIC_API_KEY: 'k' })).toBe('offline');
    expect(model({ MUSTER_MODEL: 'claude' })).toBe('claude');
  });

  it('is by default the newest Sonnet that the installed SDK knows', () => {
    const sdk = dirname(createRequire(import.meta.url).resolve('@anthropic-ai/sdk'));
    const types = readFileSync(join(sdk, 'resources/messages/messages.d.ts'), 'utf8');
    const union = /export type Model =([^;]+);/.exec(types)![1]!;
    const sonnets = [...union.matchAll(/'(claude-sonnet-(\d+)(?:-(\d{1,2}))?)'/g)].map(([, name, major, minor]) => ({
      name,
      version: Number(major) * 100 + Number(minor ?? 0),
    }));
    const [newest] = sonnets.sort((a, b) => b.version - a.version);
    expect(readConfig({}).CLAUDE_MODEL).toBe(newest!.name);
  });
});

describe('a .env file', () => {
  const home = process.cwd();
  let folder: string | undefined;
  afterEach(() => {
    process.chdir(home);
    if (folder) rmSync(folder, { recursive: true });
    folder = undefined;
    delete process.env.MUSTER_TEST_OF_ENV_FILE;
  });
  const enter = (content?: string) => {
    folder = mkdtempSync(join(tmpdir(), 'muster-env-'));
    if (content !== undefined) writeFileSync(join(folder, '.env'), content);
    process.chdir(folder);
  };

  it('is read from the working directory', () => {
    enter('MUSTER_TEST_OF_ENV_FILE=from the file\n');
    loadEnvFile();
    expect(process.env.MUSTER_TEST_OF_ENV_FILE).toBe('from the file');
  });

  it('gives way to what is already set', () => {
    enter('MUSTER_TEST_OF_ENV_FILE=from the file\n');
    process.env.MUSTER_TEST_OF_ENV_FILE = 'from the shell';
    loadEnvFile();
    expect(process.env.MUSTER_TEST_OF_ENV_FILE).toBe('from the shell');
  });

  it('may be absent', () => {
    enter();
    expect(loadEnvFile).not.toThrow();
  });
});
