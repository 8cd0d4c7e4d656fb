// The official conformance suite of the Model Context Protocol, held against POST /mcp: its scenarios that ask for no tool,
// prompt or resource of its own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Fixture, openFixture } from './orchestrator-fixture.ts';

const SUITE = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js'));
const SCENARIOS = [
  'server-initialize',
  'ping',
  'tools-list',
  'server-sse-multiple-streams',
  'dns-rebinding-protection',
];

let service: Fixture;
let url: string;
beforeAll(async () => {
  service = await openFixture();
  url = `${await service.app.listen({ host: '127.0.0.1', port: 0 })}/mcp`;
});
afterAll(() => service.close());

it.concurrent.each(SCENARIOS)('passes %s', { timeout: 60_000 }, async (scenario) => {
  const asked = [SUITE, 'server', '--url', url, '--scenario', scenario];
  // It exits with 1 when a check fails, and says which.
  const { stdout } = await promisify(execFile)(process.execPath, asked);
  expect(stdout).toMatch(/Passed: ([1-9]\d*)\/\1, 0 failed/);
});
