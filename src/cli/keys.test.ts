// `muster keys` and the key that the command line shows, against a real orchestrator.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../tests/contract/orchestrator-fixture.ts';
import { captureIo } from '../../tests/support/captured-io.ts';
import { run } from './program.ts';

let service: Fixture;
let url: string;
beforeEach(async () => {
  service = await openFixture();
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(() => service.close());

async function muster(args: string[], key?: string) {
  const io = captureIo({ env: { ORCHESTRATOR_URL: url, ...(key && { MUSTER_API_KEY: key }) } });
  const code = await run(args, io);
  return { code, out: io.out(), err: io.err() };
}

it('makes a key that is printed alone, and shows it from then on', async () => {
  const made = await muster(['keys', 'create', '--role', 'operate', '--user', 'admin', '--name', 'laptop']);
  expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^muster_[\w-]{43}\n$/) });
  expect(made.err).toMatch(/^key_\w+ lets admin operate\. It is shown this once/);
  const key = made.out.trim();
  const without = await muster(['tasks']);
  expect(without).toMatchObject({ code: 1, err: expect.stringContaining('no API key was shown') });
  expect((await muster(['tasks'], key)).code).toBe(0);
  expect((await muster(['--api-key', key, 'tasks'], 'x'.repeat(40))).code).toBe(0);
});

it('lists keys and revokes them', async () => {
  const key = (await muster(['keys', 'create', '--role', 'operate', '--user', 'admin'])).out.trim();
  const second = await muster(['keys', 'create', '--role', 'read', '--user', 'ada', '--json'], key);
  const { id, key: shown } = JSON.parse(second.out);
  expect(shown).toMatch(/^muster_/);
  expect((await muster(['keys', 'list'], key)).out).toMatch(/KEY +ROLE +USER +STATE[\s\S]*read +ada +valid/);
  expect(await muster(['keys', 'revoke', id], key)).toMatchObject({ code: 0, out: `${id} of ada is revoked\n` });
  const listed = await muster(['keys', 'list', '--json'], key);
  expect(JSON.parse(listed.out).keys[0]).toMatchObject({ id, role: 'read', revoked_at: expect.any(String) });
  expect(listed.out).not.toContain(shown);
  expect((await muster(['keys', 'revoke', 'key_none'], key)).err).toContain('there is no key "key_none"');
  expect(JSON.parse((await muster(['keys', 'revoke', id, '--json'], key)).out)).toMatchObject({ id });
});

it('says how to make the first key when there is none', async () => {
  expect((await muster(['keys', 'list'])).out).toContain('muster keys create');
  const refused = await muster(['keys', 'create', '--role', 'read', '--user', 'ada']);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('the first key must have role operate') });
  const wrong = await muster(['keys', 'create', '--role', 'root', '--user', 'ada']);
  expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('Allowed choices are read, submit, operate') });
});

it('repeats nothing of a key that cannot be one', async () => {
  const { code, err } = await muster(['tasks', '--api-key', 'a secret with spaces']);
  expect([code, err]).toEqual([2, expect.stringMatching(/^muster: --api-key is no API key/)]);
  expect(err).not.toContain('a secret');
});

it('names the request under which the log of the service has more', async () => {
  const { err } = await muster(['show', 'task_00000000000000000000', '--json']);
  const { error } = JSON.parse(err);
  expect(error).toMatchObject({ code: 'not_found', status: 404, request_id: expect.stringMatching(/^[\da-f-]{36}$/) });
  const verbose = await muster(['show', 'task_00000000000000000000', '--verbose']);
  expect(verbose.err).toMatch(/^muster: [^\n]+\nrequest id: [\da-f-]{36}\nClientError: /);
});
