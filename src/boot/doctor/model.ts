// The model: which is in use, by which credential, and whether it answers. No credential is ever repeated.
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import { type Config, modelInUse } from '../../config.ts';
import { codeOf } from './ask.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

const CREDENTIALS = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN'] as const;

export interface CredentialFacts {
  kind: 'claude' | 'offline';
  /** Names of the settings that hold one. */
  given: string[];
  gateway: string | undefined;
  /** Somebody logged in to Claude Code on this machine. */
  hasLogin: boolean;
}

export async function findCredentials(config: Config): Promise<CredentialFacts> {
  const login = join(homedir(), '.claude', '.credentials.json');
  const hasLogin = await access(login).then(
    () => true,
    () => false,
  );
  const given = CREDENTIALS.filter((name) => config[name]);
  return { kind: modelInUse(config), given, gateway: config.ANTHROPIC_BASE_URL, hasLogin };
}

export function judgeCredentials({ kind, given, gateway, hasLogin }: CredentialFacts): Finding {
  const check = 'credentials';
  if (kind === 'offline') {
    const chosen =
      given.length > 0
        ? `not used: MUSTER_MODEL=offline (${given.join(', ')} is set)`
        : 'none: the offline model needs none';
    const login =
      hasLogin && given.length === 0
        ? '; the login of Claude Code on this machine is not used, since agents have homes of their own'
        : '';
    return ok(check, `${chosen}${login}`);
  }
  if (given.length > 0) return ok(check, `${given.join(' and ')} is set`);
  if (gateway) return ok(check, 'none, for a gateway at ANTHROPIC_BASE_URL that asks for none');
  const mend = 'set ANTHROPIC_API_KEY, or leave MUSTER_MODEL out for the offline model';
  return wrong(check, 'MUSTER_MODEL is claude, but no credential is set', mend);
}

export type ModelAnswer = { status: number } | { status: null; why: string };

/** Asks for the model's entry, which costs nothing. */
export async function askForModel(config: Config, signal: AbortSignal): Promise<ModelAnswer> {
  const client = new Anthropic({
    apiKey: config.ANTHROPIC_API_KEY ?? (modelInUse(config) === 'offline' ? 'offline' : null),
    authToken: config.ANTHROPIC_AUTH_TOKEN ?? null,
    ...(config.ANTHROPIC_BASE_URL && { baseURL: config.ANTHROPIC_BASE_URL }),
    maxRetries: 0,
  });
  try {
    await client.models.retrieve(config.CLAUDE_MODEL, undefined, { signal });
    return { status: 200 };
  } catch (error) {
    if (error instanceof Anthropic.APIError && error.status !== undefined) return { status: error.status };
    return { status: null, why: codeOf(error) };
  }
}

export interface ModelPlace {
  kind: 'claude' | 'offline';
  name: string;
  /** Where it is asked, without credentials. */
  where: string;
}

export function judgeModel({ kind, name, where }: ModelPlace, answer: ModelAnswer): Finding {
  const check = 'model';
  const what = kind === 'claude' ? name : 'the offline model';
  if (answer.status === 200) return ok(check, `${what} answers at ${where}`);
  if (answer.status === null) {
    const mend =
      kind === 'claude'
        ? 'check the network, proxies and ANTHROPIC_BASE_URL'
        : 'start it with "muster offline", or leave ANTHROPIC_BASE_URL out';
    return wrong(check, `${where} does not answer (${answer.why})`, mend);
  }
  if ([401, 403].includes(answer.status))
    return wrong(
      check,
      `${where} refuses the credential (${answer.status})`,
      'set a valid ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN',
    );
  if (answer.status === 404) {
    const message = `${where} does not know ${name}, or does not list its models`;
    return warning(check, message, 'check CLAUDE_MODEL; a gateway without a list of models may work all the same');
  }
  return warning(check, `${where} answered ${answer.status}`, 'try again: it may be busy');
}
