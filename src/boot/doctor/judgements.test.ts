// What is made of what was found: each judgement by itself.
import { describe, expect, it } from 'vitest';
import { judgeClocks } from './doctor.ts';
import type { Finding } from './finding.ts';
import { judgeFolder, judgeNode, judgePorts } from './machine.ts';
import { judgeCredentials, judgeModel } from './model.ts';
import { judgeAbsence, judgeAccess, judgeAgents, judgeOrchestrator } from './running.ts';
import { judgePg, judgePgFailure, judgeRedis } from './servers.ts';

const told = (finding: Finding | undefined) => `${finding?.verdict}: ${finding?.message}; ${finding?.mend}`;
const all = (findings: readonly Finding[]) => findings.map(told);
const answered = (json: unknown, status = 200) => ({
  outcome: 'answered' as const,
  status,
  text: '',
  json,
  date: null,
});

it.each([
  ['v20.19.0', 'ok'],
  ['v22.1.0', 'ok'],
  ['v20.18.9', 'wrong'],
  ['v18.20.4', 'wrong'],
])('Node.js %s is %s where 20.19 is asked for', (version, verdict) =>
  expect(judgeNode(version, '>=20.19').verdict).toBe(verdict),
);

describe('ports', () => {
  const uses = [
    { setting: 'ORCHESTRATOR_PORT', port: 8000, user: { muster: 'orchestrator' } },
    { setting: 'AGENT_BASE_PORT', port: 8001, user: null },
  ];

  const here = { startsHere: true };

  it('are fine when free, or answered by Muster', () => {
    expect(all(judgePorts(uses, here))).toEqual(['ok: answered by Muster: 8000 orchestrator; free: 8001; null']);
    expect(all(judgePorts([], here))).toEqual(['ok: any free ones are taken; null']);
  });

  it('are wrong when something else has them, and the setting is named', () => {
    const taken = { setting: 'DASHBOARD_PORT', port: 8501, user: 'other' as const };
    expect(all(judgePorts([...uses, taken], here))).toEqual([
      'wrong: 8501 is taken by something that is not Muster; stop what listens there, or set DASHBOARD_PORT to another port',
    ]);
    expect(judgePorts([taken], { startsHere: false })[0]?.verdict).toBe('warning');
  });
});

it.each([
  [{ refusal: null, freeBytes: 5e9 }, 'ok: /d, 5,000 MB free; null'],
  [{ refusal: null, freeBytes: 9e8 }, 'warning: /d has only 900 MB free; make room, or set MUSTER_DATA'],
  [{ refusal: null, freeBytes: 9e7 }, 'wrong: /d has only 90 MB free; make room'],
  [{ refusal: 'EACCES', freeBytes: 5e9 }, 'wrong: /d cannot be written to (EACCES); let this user write there'],
])('a folder with %j', (use, said) =>
  expect(told(judgeFolder({ setting: 'MUSTER_DATA', folder: '/d', ...use }))).toContain(said),
);

describe('PostgreSQL', () => {
  const files = ['0001_a.sql', '0002_b.sql'];

  it('is judged with its migrations', () => {
    expect(all(judgePg('at', { version: '15.14', migrations: files }, files))).toEqual([
      'ok: PostgreSQL 15.14 at at; null',
      'ok: up to date (2 migrations); null',
    ]);
    expect(told(judgePg('at', { version: '15.14', migrations: null }, files)[1])).toContain('ok: empty');
    expect(told(judgePg('at', { version: '15.14', migrations: ['0001_a.sql'] }, files)[1])).toMatch(
      /^warning: 1 migration\(s\) are due: 0002_b.sql; start/,
    );
    expect(told(judgePg('at', { version: '15.14', migrations: [...files, '0003_c.sql'] }, files)[1])).toMatch(
      /^wrong: the database has 0003_c.sql, .* upgrade/,
    );
    expect(told(judgePg('at', { version: '13.2', migrations: files }, files)[0])).toMatch(/^warning: .*13.2.*older/);
  });

  it.each([
    ['3D000', 'ok: the database of at does not exist'],
    ['28P01', 'wrong: at refuses these credentials'],
    ['ECONNREFUSED', 'wrong: at does not answer (ECONNREFUSED)'],
  ])('that fails with %s', (code, said) => expect(told(judgePgFailure('at', code))).toContain(said));
});

it.each([
  [{ version: '7.0.15', policy: 'noeviction', appendOnly: true }, 'ok: Redis 7.0.15 at at, append-only file on'],
  [{ version: '7.0.15', policy: 'noeviction', appendOnly: false }, 'append-only file off: after its crash'],
  [{ version: '7.0.15', policy: null, appendOnly: null }, 'ok: Redis 7.0.15 at at, its settings cannot be read'],
  [{ version: '7.2.0', policy: 'allkeys-lru', appendOnly: true }, 'warning: Redis 7.2.0 at at throws away keys'],
  [{ version: '5.0.7', policy: 'noeviction', appendOnly: true }, 'warning: Redis 5.0.7 at at is older'],
])('Redis with %j', (facts, said) => expect(told(judgeRedis('at', facts)[0])).toContain(said));

describe('the model', () => {
  const none = { given: [], gateway: undefined, hasLogin: false };

  it.each([
    [{ ...none, kind: 'offline' as const }, 'ok: none: the offline model needs none'],
    [{ ...none, kind: 'offline' as const, hasLogin: true }, 'the login of Claude Code on this machine is not used'],
    [{ ...none, kind: 'offline' as const, given: ['ANTHROPIC_API_KEY'] }, 'not used: MUSTER_MODEL=offline'],
    [{ ...none, kind: 'claude' as const, given: ['ANTHROPIC_API_KEY'] }, 'ok: ANTHROPIC_API_KEY is set'],
    [{ ...none, kind: 'claude' as const, gateway: 'http://g' }, 'ok: none, for a gateway'],
    [{ ...none, kind: 'claude' as const }, 'wrong: MUSTER_MODEL is claude, but no credential is set'],
  ])('with %j', (facts, said) => expect(told(judgeCredentials(facts))).toContain(said));

  it.each([
    [{ status: 200 }, 'ok: claude-x answers at https://api'],
    [{ status: 401 }, 'wrong: https://api refuses the credential (401)'],
    [{ status: 404 }, 'warning: https://api does not know claude-x'],
    [{ status: 529 }, 'warning: https://api answered 529'],
    [{ status: null, why: 'ENOTFOUND' }, 'wrong: https://api does not answer (ENOTFOUND); check the network'],
  ])('that answers %j', (answer, said) =>
    expect(told(judgeModel({ kind: 'claude', name: 'claude-x', where: 'https://api' }, answer))).toContain(said),
  );
});

describe('the orchestrator', () => {
  const place = { url: 'http://o', isGiven: false, apiKey: undefined, version: '1.0.0' };
  const checks = { database: 'ok', bus: 'ok', scheduler: 'ok' };
  const system = answered({
    version: '2.0.0',
    model: { kind: 'offline', name: 'm' },
    store: 's',
    bus: 'b',
    agent_runtime: 'claude',
    limits: { description_max: 1, body_bytes: 1, slots_default: 1 },
  });

  it('may be away, unless somebody said where it is', () => {
    expect(told(judgeAbsence(place, { outcome: 'refused' }))).toMatch(/^warning: .* is not running; .*muster up/);
    expect(told(judgeAbsence({ ...place, isGiven: true }, { outcome: 'silent', why: 'ETIMEDOUT' }))).toMatch(
      /^wrong: .* does not answer \(ETIMEDOUT\)/,
    );
  });

  it('is judged by its readiness, and by its version', () => {
    const ready = answered({ status: 'ready', checks });
    expect(all(judgeOrchestrator(place, { ready, system: undefined }))).toEqual(['ok: http://o is ready; null']);
    expect(told(judgeOrchestrator(place, { ready, system })[1])).toContain(
      'warning: the orchestrator is version 2.0.0',
    );
    const lame = answered({ status: 'not_ready', checks: { ...checks, bus: 'answers with an error' } }, 503);
    expect(told(judgeOrchestrator(place, { ready: lame, system: undefined })[0])).toContain(
      'bus: answers with an error',
    );
    expect(told(judgeOrchestrator(place, { ready: answered('hello'), system })[0])).toContain('is not Muster');
  });

  it('says who we are', () => {
    expect(told(judgeAccess(answered({ user_id: 'u', role: 'operate', by_key: false })))).toContain('no API key');
    expect(told(judgeAccess(answered({ user_id: 'ada', role: 'read', by_key: true })))).toContain('of ada, role read');
    expect(told(judgeAccess(answered({}, 401)))).toMatch(/^wrong: .*MUSTER_API_KEY/);
    expect(told(judgeAccess({ outcome: 'refused' }))).toMatch(/^warning: .*no answer/);
  });

  it('has agents that answer', () => {
    const agent = { agent_id: 'agent_1', url: 'http://a', healthy: true };
    expect(all(judgeAgents([agent]))).toEqual(['ok: 1 registered, all answer; null']);
    expect(told(judgeAgents([])[0])).toMatch(/^wrong: none is registered/);
    expect(told(judgeAgents([agent, { ...agent, healthy: false }])[0])).toContain('http://a does not answer from here');
  });
});

it('clocks are compared with this machine’s', () => {
  expect(judgeClocks([])).toEqual([]);
  expect(all(judgeClocks([{ of: 'Redis', ms: -300 }]))).toEqual(['ok: within 2 s of Redis; null']);
  expect(
    all(
      judgeClocks([
        { of: 'Redis', ms: -3_100 },
        { of: 'PostgreSQL', ms: 61_000 },
      ]),
    ),
  ).toEqual([
    "warning: the clock of Redis is 3 s behind this machine's; keep both in time, such as with NTP",
    "warning: the clock of PostgreSQL is 61 s ahead of this machine's; keep both in time, such as with NTP",
  ]);
});
