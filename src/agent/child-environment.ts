// The environment a session's child sees: a short list and nothing else. No database or Redis address, no other secret.

/** What the child needs from ours: where programs are, words, proxies, certificates; and what Windows cannot do without. */
const PASSED_ON = [
  'PATH',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'SYSTEMROOT',
  'COMSPEC',
  'PATHEXT',
] as const;

// The scheduler alone retries: the child makes one request and reports what came back.
const ONE_LAYER_OF_RETRIES = {
  CLAUDE_CODE_MAX_RETRIES: '0',
  CLAUDE_CODE_DISABLE_REFUSAL_RETRY: '1',
  CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: '1',
};

export interface ModelCredentials {
  apiKey?: string | undefined;
  authToken?: string | undefined;
  baseUrl?: string | undefined;
}

export interface ChildEnvironmentOptions {
  /** This process's own environment, to pick from. */
  environment: Readonly<Record<string, string | undefined>>;
  credentials: ModelCredentials;
}

/** @param home a folder that is private to the session */
export function childEnvironment(options: ChildEnvironmentOptions, home: string): Record<string, string> {
  const { environment, credentials } = options;
  const entries = {
    ...Object.fromEntries(PASSED_ON.map((name) => [name, environment[name]])),
    HOME: home,
    USERPROFILE: home,
    ANTHROPIC_API_KEY: credentials.apiKey,
    ANTHROPIC_AUTH_TOKEN: credentials.authToken,
    ANTHROPIC_BASE_URL: credentials.baseUrl,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    ...ONE_LAYER_OF_RETRIES,
  };
  return Object.fromEntries(Object.entries(entries).filter((entry): entry is [string, string] => Boolean(entry[1])));
}
