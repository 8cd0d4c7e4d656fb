// One real Agent SDK session against the offline model: the SDK's own child process, streaming, tools and structured
// output. Only the tool is the test's.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import vm from 'node:vm';
import { createSdkMcpServer, query, tool } from '@anthropic-ai/claude-agent-sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startOfflineModel } from './server.ts';

let model: Awaited<ReturnType<typeof startOfflineModel>>;
let home: string;

beforeAll(async () => {
  model = await startOfflineModel();
  home = await mkdtemp(join(tmpdir(), 'muster-offline-'));
});
afterAll(async () => {
  await model.close();
  await rm(home, { recursive: true, force: true });
});

it('carries out a subtask in a real Agent SDK session, with a tool call and structured output', async () => {
  const ran: string[] = [];
  const runCode = tool('run_code', 'Runs JavaScript', { code: z.string() }, async ({ code }) => {
    ran.push(code);
    const result: unknown = vm.runInNewContext(code);
    return { content: [{ type: 'text', text: JSON.stringify({ result: String(result), logs: [], duration_ms: 1 }) }] };
  });
  const session = query({
    prompt: '<subtask>\nCalculate factorial of 10\n</subtask>\n<task>\nCalculate factorial of 10\n</task>',
    options: {
      cwd: home,
      model: 'claude-sonnet-4-5',
      systemPrompt: 'You carry out one subtask.\nMuster role: agent',
      permissionMode: 'dontAsk',
      settingSources: [],
      persistSession: false,
      tools: [],
      allowedTools: ['mcp__muster'],
      mcpServers: {
        muster: createSdkMcpServer({ name: 'muster', version: '1.0.0', alwaysLoad: true, tools: [runCode] }),
      },
      strictMcpConfig: true,
      outputFormat: { type: 'json_schema', schema: outputSchema },
      env: {
        PATH: process.env.PATH,
        HOME: home,
        ANTHROPIC_API_KEY: 'offline',
        ANTHROPIC_BASE_URL: model.url,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      },
    },
  });
  let last: unknown;
  for await (const message of session) last = message;
  expect(ran).toHaveLength(1);
  expect(last).toMatchObject({
    type: 'result',
    subtype: 'success',
    structured_output: {
      success: true,
      summary: expect.stringContaining('3628800'),
      data: { result: 3628800, model: 'offline' },
    },
  });
}, 60_000);

const outputSchema = {
  type: 'object',
  properties: { success: { type: 'boolean' }, summary: { type: 'string' }, data: { type: 'object' } },
  required: ['success', 'summary', 'data'],
};
