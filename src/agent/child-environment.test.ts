import { describe, expect, it } from 'vitest';
import { childEnvironment } from './child-environment.ts';

describe("the child's environment", () => {
  it('holds what the child needs and nothing else of ours', () => {
    const environment = childEnvironment(
      {
        environment: {
          PATH: '/bin',
          LANG: 'C',
          HTTPS_PROXY: 'http://proxy',
          HOME: '/root',
          REDIS_URL: 'redis://r',
          AWS_SECRET_ACCESS_KEY: 'x',
        },
        credentials: { apiKey: 'key', authToken: undefined, baseUrl: 'http://127.0.0.1:1' },
      },
      '/tmp/private',
    );
    expect(environment).toEqual({
      PATH: '/bin',
      LANG: 'C',
      HTTPS_PROXY: 'http://proxy',
      HOME: '/tmp/private',
      USERPROFILE: '/tmp/private',
      ANTHROPIC_API_KEY: 'key',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_MAX_RETRIES: '0',
      CLAUDE_CODE_DISABLE_REFUSAL_RETRY: '1',
      CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: '1',
    });
  });
});
