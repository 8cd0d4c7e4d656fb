// Every setting, once: the sole reader of the environment. A wrong value or an unknown MUSTER_ name stops the start with a
// line that names it; docs/configuration.md is generated from the descriptions here.
import { z } from 'zod';
import { CAPABILITIES } from './domain/capability.ts';
import { AppError } from './domain/errors.ts';
import { nearestWord } from './domain/nearest.ts';
import { ROLES } from './domain/role.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const ms = z.coerce.number().int().positive();
const days = z.union([z.literal('off').transform(() => null), z.coerce.number().positive().max(36_500)], {
  error: 'must be a number of days, or off',
});
const flag = z.enum(['true', 'false']).transform((word) => word === 'true');
const API_KEYS_FORM =
  'an entry is role:user:key, entries are separated by commas; role is read, submit or operate, and key has 32 to 200 letters, digits or signs of _-.~+/=';

/** Nothing of a wrong entry is repeated: what stands in the wrong place may be the key. */
const apiKeys = z.string().transform((text, context): GivenApiKey[] | 'off' => {
  if (text.trim() === 'off') return 'off';
  const entries = text.split(',').map((entry) => API_KEY_ENTRY.exec(entry.trim())?.groups);
  const wrong = entries.indexOf(undefined);
  if (wrong >= 0) context.addIssue({ code: 'custom', message: `entry ${wrong + 1} is wrong: ${API_KEYS_FORM}` });
  return entries.flatMap((entry) => (entry ? [givenApiKey.parse(entry)] : []));
});
const API_KEY_ENTRY = /^(?<role>read|submit|operate):(?<user_id>[^:,]{1,200}):(?<key>[\w.~+/=-]{32,200})$/;
const givenApiKey = z.object({ role: z.enum(ROLES), user_id: z.string(), key: z.string() });

/** A key of the HTTP API that the environment gives. */
export type GivenApiKey = z.infer<typeof givenApiKey>;

const list = z.string().transform((words) =>
  words
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean),
);

/** The environment's names, their defaults and what each is for. Durations are in milliseconds. */
export const settings = z.object({
  HOST: z.string().default('127.0.0.1').describe('Address every service listens on.'),
  ORCHESTRATOR_PORT: port.default(8000).describe('Port of the HTTP API.'),
  DASHBOARD_PORT: port.default(8501).describe('Port of the web app.'),
  AGENT_BASE_PORT: port.default(8001).describe('First port of the crew that `muster up` starts; the others follow it.'),
  AGENT_ID: z
    .string()
    .regex(/^agent_[a-z0-9_]{1,60}$/, 'must be agent_ and then small letters, digits or _')
    .optional()
    .describe(
      'Id of the agent that `muster agent` starts. One of agent_1 to agent_5 brings its capabilities and port along.',
    ),
  AGENT_PORT: port.optional().describe('Its port. Default: that of its number in the default crew.'),
  AGENT_CAPABILITIES: list
    .pipe(z.array(z.enum(CAPABILITIES, `must be some of ${CAPABILITIES.join(', ')}`)).min(1))
    .optional()
    .describe('What it can do, comma-separated. Default: those of its number in the default crew.'),
  AGENT_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('How the orchestrator reaches it, when not http://HOST:AGENT_PORT.'),
  MUSTER_AGENT_TOKEN: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe('Secret that orchestrators and agents share. Without it only agents on this machine are trusted.'),
  MUSTER_API_KEYS: apiKeys
    .optional()
    .describe(
      'Keys of the HTTP API beside those that `muster keys create` makes: `role:user:key`, comma-separated, such as `operate:admin:` and 64 random hexadecimal digits. `off`: on loopback no key is asked for, even if some were made.',
    ),
  MUSTER_API_KEY: z.string().optional().describe('The key that the command line shows to the orchestrator.'),
  RATE_LIMIT: z
    .union([z.literal('off').transform(() => null), z.coerce.number().int().positive()], {
      error: 'must be a whole number of requests a minute, or off',
    })
    .default(1_200)
    .describe(
      'Requests a minute that one API key may make, and one address without a valid key, at each orchestrator; `off` lifts it. Where no key is asked for, nothing is limited.',
    ),
  SHUTDOWN_MS: ms
    .default(10_000)
    .describe('How long a stopping agent lets its attempts end before it hands them back; `muster up` allows less.'),
  OFFLINE_PORT: port.default(8400).describe('Port of the offline model that `muster offline` starts.'),
  ORCHESTRATOR_URL: z
    .url()
    .optional()
    .describe(
      'Where agents, the dashboard and the command line find the orchestrator. Default: http://HOST:ORCHESTRATOR_PORT.',
    ),
  POSTGRES_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be postgresql://user:password@host:port/database' })
    .optional()
    .describe('The PostgreSQL server; its database is created when missing. Default: the embedded one.'),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, error: 'must be redis://host:port/number' })
    .optional()
    .describe('The Redis server. Default: a bus in memory, good for one process.'),
  SHARED_FILES: z.string().default('shared_files').describe("Folder of the tasks' files, one folder a task."),
  MUSTER_DATA: z.string().default('.muster').describe('Folder of the embedded database.'),
  MUSTER_MODEL: z
    .enum(['claude', 'offline'])
    .optional()
    .describe(
      '`offline` chooses the offline model even when a key is set. Default: claude when a credential is set, else offline.',
    ),
  ANTHROPIC_API_KEY: z.string().optional().describe('Key for the Claude API.'),
  ANTHROPIC_AUTH_TOKEN: z.string().optional().describe('Bearer token for a gateway, instead of a key.'),
  ANTHROPIC_BASE_URL: z.url().optional().describe('Address of a compatible gateway or local server.'),
  CLAUDE_MODEL: z.string().default('claude-sonnet-5-5').describe('Model that plans, works and summarises.'),
  SDK_PERMISSION_MODE: z
    .enum(['default', 'acceptEdits', 'bypassPermissions', 'plan', 'dontAsk'])
    .default('dontAsk')
    .describe("The Agent SDK's permission mode."),
  PLANNING_CONCURRENCY: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(8)
    .describe(
      'Tasks that one orchestrator asks the model to plan at once; others wait in a fair line. Raise it when tasks wait for a planning slot and the model answers quickly; lower it when it answers 429.',
    ),
  AGENT_SLOTS: z.coerce.number().int().min(1).max(1_000).default(1).describe('Subtasks an agent runs at once.'),
  AGENT_RUNTIME: z
    .enum(['claude', 'simulate'])
    .default('claude')
    .describe('`simulate` replaces the model in agents, for load tests and rehearsals.'),
  AGENT_WARM_SESSIONS: flag
    .default(true)
    .describe(
      'After each attempt start a session for the next one (about 180 MB each, AGENT_WARM_MAX at most); false starts each attempt cold.',
    ),
  AGENT_WARM_MAX: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(4)
    .describe(
      'Warm sessions of an agent at most, whatever its slots. Raise it when an agent has many slots and memory for them.',
    ),
  AGENT_WARM_IDLE_MS: ms.default(300_000).describe('A warm session unused for this long is closed.'),
  HEARTBEAT_INTERVAL_MS: ms.default(10_000).describe('How often an agent reports itself.'),
  HEARTBEAT_TTL_MS: ms.default(60_000).describe('An agent silent for this long is lost.'),
  ATTEMPT_TIMEOUT_MS: ms.default(600_000).describe('Deadline of one attempt.'),
  STATE_TTL_MS: ms.default(3_600_000).describe('How long a key of the shared state lives after its last write.'),
  HTTP_TOOL_ALLOW: list
    .default([])
    .describe('Private hosts, host:port pairs or CIDR ranges that http_request may reach, comma-separated.'),
  EVENTS_KEEP_DAYS: days
    .default(30)
    .describe('Events of finished tasks older than this are removed; `off` keeps them.'),
  LOGS_KEEP_DAYS: days.default(30).describe("Lines of the agents' log older than this are removed; `off` keeps them."),
  TASKS_KEEP_DAYS: days
    .default(null)
    .describe('Finished tasks older than this are removed with results and files. Default: off, they are kept.'),
  BODY_LIMIT_BYTES: z.coerce.number().int().positive().default(10_000_000).describe('Largest request body.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'must be http://host:port of a collector' })
    .optional()
    .describe('OpenTelemetry collector that gets traces over OTLP/HTTP, such as http://localhost:4318. Default: none.'),
  OTEL_SERVICE_NAME: z
    .string()
    .optional()
    .describe(
      'Name of this process in traces. Default: muster, muster-orchestrator, muster-agent or muster-dashboard.',
    ),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('warn')
    .describe('What the services write to standard error, one JSON object a line.'),
});

export type Config = z.infer<typeof settings>;

/** Reads and checks the environment. Throws an AppError whose message has one line for each wrong setting. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const unknown = Object.keys(env).filter((name) => name.startsWith('MUSTER_') && !(name in settings.shape));
  const parsed = settings.safeParse(withoutEmpty(env));
  const lines = [
    ...unknown.map((name) => `${name} is no setting of Muster: ${suggest(name)}`),
    ...(parsed.error?.issues ?? []).map(
      (issue) => `${String(issue.path[0])} ${quote(env, issue.path)}: ${issue.message}`,
    ),
  ];
  if (!parsed.success || lines.length > 0) throw new AppError('invalid_request', lines.join('\n'));
  return parsed.data;
}

/** Loads a `.env` file of the working directory, if there is one; variables that are already set win. */
export function loadEnvFile(): void {
  try {
    process.loadEnvFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Which model answers: Claude when chosen or when a credential is set, else the offline model. */
export function modelInUse(config: Config): 'claude' | 'offline' {
  if (config.MUSTER_MODEL) return config.MUSTER_MODEL;
  return config.ANTHROPIC_API_KEY || config.ANTHROPIC_AUTH_TOKEN || config.ANTHROPIC_BASE_URL ? 'claude' : 'offline';
}

/** What must not stand in any log line or error, as it was given. */
export function secretsOf(config: Config): string[] {
  const { MUSTER_API_KEYS, ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN, MUSTER_AGENT_TOKEN, MUSTER_API_KEY } = config;
  const keys = Array.isArray(MUSTER_API_KEYS) ? MUSTER_API_KEYS.map(({ key }) => key) : [];
  const single = [ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN, MUSTER_AGENT_TOKEN, MUSTER_API_KEY];
  const passwords = [config.POSTGRES_URL, config.REDIS_URL].map(passwordIn);
  return [...keys, ...single, ...passwords].filter((secret) => secret !== undefined);
}

/** One that is also the account's or the database's name is an ordinary word, and no secret. */
function passwordIn(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const { password, username, host, pathname } = new URL(url);
  const given = decodeURIComponent(password);
  return [username, host, pathname].some((part) => part.includes(given)) ? undefined : given;
}

/** A variable set to nothing counts as not set, as in most shells' `VAR= command`. */
function withoutEmpty(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

function quote(env: Readonly<Record<string, string | undefined>>, path: readonly PropertyKey[]): string {
  const name = String(path[0]);
  return /KEY|TOKEN|_URL$/.test(name) ? '(hidden)' : JSON.stringify(env[name] ?? '');
}

function suggest(name: string): string {
  const nearest = nearestWord(name, Object.keys(settings.shape));
  return nearest ? `did you mean ${nearest}?` : 'see docs/configuration.md';
}
