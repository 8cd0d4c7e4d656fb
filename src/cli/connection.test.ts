import { describe, expect, it } from 'vitest';
import { orchestratorUrl } from './connection.ts';
import { UsageError } from './failure.ts';

describe('orchestratorUrl', () => {
  it('prefers the option, then ORCHESTRATOR_URL, then host and port', () => {
    const env = { ORCHESTRATOR_URL: 'http://b:1', HOST: 'c', ORCHESTRATOR_PORT: '2' };
    expect(orchestratorUrl(env, 'http://a:0')).toBe('http://a:0');
    expect(orchestratorUrl(env)).toBe('http://b:1');
    expect(orchestratorUrl({ HOST: 'c', ORCHESTRATOR_PORT: '2' })).toBe('http://c:2');
    expect(orchestratorUrl({})).toBe('http://127.0.0.1:8000');
  });

  it.each([
    ['0.0.0.0', 'http://127.0.0.1:8000'],
    ['::', 'http://[::1]:8000'],
    ['::1', 'http://[::1]:8000'],
  ])('reaches a service that listens on %s at %s', (HOST, url) => expect(orchestratorUrl({ HOST })).toBe(url));

  it.each(['localhost:8000', 'nonsense', 'ftp://a'])('refuses %s', (url) => {
    expect(() => orchestratorUrl({}, url)).toThrow(UsageError);
    expect(() => orchestratorUrl({ ORCHESTRATOR_URL: url })).toThrow(/ORCHESTRATOR_URL/);
  });
});
