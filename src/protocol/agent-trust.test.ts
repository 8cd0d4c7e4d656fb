import { describe, expect, it } from 'vitest';
import { bearer, isAuthorised, isLoopback, isTrusted, proofOf } from './agent-trust.ts';

const TOKEN = 'a-token-that-is-shared';
const agent = { agent_id: 'agent_1', instance_id: 'one', url: 'http://10.0.0.7:8001' };

describe('an agent in the registry', () => {
  it('is trusted when it proves the token for its own id, instance and address', () => {
    const proof = proofOf(TOKEN, agent);
    expect(isTrusted({ ...agent, proof }, TOKEN)).toBe(true);
    expect(isTrusted({ ...agent, proof, url: 'http://10.0.0.8:8001' }, TOKEN)).toBe(false);
    expect(isTrusted({ ...agent, proof, agent_id: 'agent_2' }, TOKEN)).toBe(false);
    expect(isTrusted({ ...agent, proof, instance_id: 'two' }, TOKEN)).toBe(false);
  });

  it('is not trusted without a proof, with another token’s, or with half of one', () => {
    expect(isTrusted(agent, TOKEN)).toBe(false);
    expect(isTrusted({ ...agent, proof: proofOf('another token altogether', agent) }, TOKEN)).toBe(false);
    expect(isTrusted({ ...agent, proof: proofOf(TOKEN, agent).slice(0, 32) }, TOKEN)).toBe(false);
  });

  it('is trusted without a token only on this machine', () => {
    expect(isTrusted(agent, undefined)).toBe(false);
    expect(isTrusted({ ...agent, url: 'http://127.0.0.1:8001' }, undefined)).toBe(true);
    expect(isTrusted({ ...agent, url: 'http://[::1]:8001' }, undefined)).toBe(true);
    expect(isTrusted({ ...agent, url: 'http://127.0.0.1.example.org:8001' }, undefined)).toBe(false);
  });
});

it('tells loopback hosts from others', () => {
  expect(['localhost', '127.0.0.1', '127.8.9.1', '::1', '[::1]'].every(isLoopback)).toBe(true);
  expect(['0.0.0.0', '10.0.0.1', 'localhost.org', '127.0.0.1.org', ''].some(isLoopback)).toBe(false);
});

it('authorises the bearer of the token, and anybody where there is none', () => {
  expect(isAuthorised(bearer(TOKEN).authorization, TOKEN)).toBe(true);
  expect(isAuthorised(`Bearer ${TOKEN}x`, TOKEN)).toBe(false);
  expect(isAuthorised(TOKEN, TOKEN)).toBe(false);
  expect(isAuthorised(undefined, TOKEN)).toBe(false);
  expect(isAuthorised(undefined, undefined)).toBe(true);
  expect(bearer(undefined)).toEqual({});
});
