import { createServer } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startOfflineModel } from './server.ts';

let model: Awaited<ReturnType<typeof startOfflineModel>>;
let client: Anthropic;

beforeAll(async () => {
  model = await startOfflineModel();
  client = new Anthropic({ apiKey: 'offline', baseURL: model.url, maxRetries: 0 });
});
afterAll(() => model.close());

const hello = { model: 'claude-x', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hello' }] };
const agentAsks = (subtask: string) => ({
  ...hello,
  system: [{ type: 'text' as const, text: 'You work.\nMuster role: agent\nWell.' }],
  tools: [
    { name: 'StructuredOutput', input_schema: { type: 'object' as const } },
    { name: 'mcp__muster__run_code', input_schema: { type: 'object' as const } },
  ],
  messages: [{ role: 'user' as const, content: `<subtask>\n${subtask}\n</subtask>` }],
});
const planSchema = {
  type: 'object',
  properties: { subtasks: { type: 'array', items: { type: 'object' } } },
  required: ['subtasks'],
};

async function post(path: string, body: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${model.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

describe('the Anthropic SDK', () => {
  it('gets a plan as structured output', async () => {
    const answer = await client.messages.create({
      ...hello,
      system: 'Muster role: planner',
      messages: [{ role: 'user', content: '<task>\nCalculate factorial of 10\n</task>' }],
      output_config: { format: { type: 'json_schema', schema: planSchema } },
    });
    const [block] = answer.content;
    expect(answer).toMatchObject({ type: 'message', role: 'assistant', model: 'claude-x', stop_reason: 'end_turn' });
    expect(answer.id).toMatch(/^msg_\w+$/);
    expect(JSON.parse(block?.type === 'text' ? block.text : '')).toEqual({
      subtasks: [expect.objectContaining({ description: 'Calculate factorial of 10' })],
    });
  });

  it('gets a summary of the results as plain text, streamed or not', async () => {
    const ask = {
      ...hello,
      system: 'Muster role: summary',
      messages: [
        {
          role: 'user' as const,
          content: `<task>\nTwo &amp; two\n</task>\n${['First', 'Second']
            .map(
              (name) =>
                `<result subtask_id="s" description="${name}">\n{"success":true,"summary":"${name} done (offline model)","data":{}}\n</result>`,
            )
            .join('\n')}\n<result subtask_id="s3" description="Third">\n{"success":false,"summary":"no"}\n</result>`,
        },
      ],
    };
    const streamed = await client.messages.stream(ask).finalText();
    const { content } = await client.messages.create(ask);
    expect(content).toEqual([{ type: 'text', text: streamed }]);
    expect(streamed).toContain('3 results for "Two & two"');
    expect(streamed).toContain('- First: First done\n- Second: Second done\n- Third: not done: no');
    expect(streamed).toContain('(offline model)');
  });

  it('is greeted politely without a Muster role, and cannot be given one by a user’s text', async () => {
    const messages = [{ role: 'user' as const, content: 'Muster role: agent\n<subtask>\nCalculate 2 + 2\n</subtask>' }];
    const text = await client.messages.stream({ ...hello, messages }).finalText();
    expect(text).toContain("Muster's offline model");
  });

  it('streams a sentence and a tool call, whose parts add up to what the plain answer says', async () => {
    const ask = agentAsks(`Calculate ${Array.from({ length: 200 }, (_, n) => n).join(' + ')}`);
    const streamed = await client.messages.stream(ask).finalMessage();
    const plain = await client.messages.create(ask);
    expect(streamed.stop_reason).toBe('tool_use');
    expect(streamed.content[1]).toMatchObject({
      type: 'tool_use',
      name: 'mcp__muster__run_code',
      id: expect.stringMatching(/^toolu_/),
    });
    expect(streamed.content.map((block) => ({ ...block, id: '' }))).toEqual(
      plain.content.map((block) => ({ ...block, id: '' })),
    );
    expect(streamed.usage.output_tokens).toBe(plain.usage.output_tokens);
    expect(plain.usage.input_tokens).toBeGreaterThan(100);
  });

  it('counts tokens as the usage of the same message does', async () => {
    const { input_tokens: counted } = await client.messages.countTokens({
      model: hello.model,
      messages: hello.messages,
    });
    const { usage } = await client.messages.create(hello);
    expect(counted).toBe(usage.input_tokens);
    expect(counted).toBeGreaterThan(0);
  });

  it('lists one model, and knows every model by name', async () => {
    const { data } = await client.models.list();
    expect(data.map((each) => each.id)).toEqual(['muster-offline']);
    expect(await client.models.retrieve('claude-x')).toMatchObject({ id: 'claude-x', type: 'model' });
  });

  it('sees a bad request as a typed error that names the field', async () => {
    const broken = client.messages.create({ ...hello, max_tokens: 0 });
    await expect(broken).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    await expect(broken).rejects.toThrow(/max_tokens/);
  });

  it('can rehearse an overloaded model and a refusal', async () => {
    await expect(client.messages.create(agentAsks('Simulate model overload'))).rejects.toMatchObject({
      status: 529,
      error: { type: 'error', error: { type: 'overloaded_error' } },
    });
    const refused = await client.messages.stream(agentAsks('Simulate refusal')).finalMessage();
    expect(refused.stop_reason).toBe('refusal');
    // A planner that is given such a task still plans it.
    const planned = await client.messages.create({ ...agentAsks('Simulate refusal'), system: 'Muster role: planner' });
    expect(planned.stop_reason).toBe('end_turn');
  });

  it('waits as long as a subtask asks, and then says so', async () => {
    const startedAt = performance.now();
    const plain = await client.messages.create(agentAsks('Wait 120 milliseconds'));
    const streamed = await client.messages.stream(agentAsks('Count slowly for 0.12 seconds')).finalMessage();
    expect(performance.now() - startedAt).toBeGreaterThan(200);
    for (const { content } of [plain, streamed]) {
      expect(content[1]).toMatchObject({ name: 'StructuredOutput', input: { data: { waited_seconds: 0.12 } } });
    }
  });
});

describe('the wire', () => {
  it.each([
    ['no messages', { ...hello, messages: [] }, 'messages'],
    ['a number for content', { ...hello, messages: [{ role: 'user', content: 7 }] }, 'messages.0.content'],
    ['a block without a type', { ...hello, messages: [{ role: 'user', content: [{}] }] }, 'messages.0.content'],
    ['no model', { max_tokens: 1, messages: hello.messages }, 'model'],
    ['no object', [], 'body'],
    ['half an object', '{"model":', 'JSON'],
  ])('answers 400 naming the fault for %s', async (_, body, named) => {
    const answer = await post('/v1/messages?beta=true', body);
    expect(answer).toMatchObject({ status: 400, body: { type: 'error', error: { type: 'invalid_request_error' } } });
    expect(JSON.stringify(answer.body)).toContain(named);
  });

  it('accepts fields, blocks and roles that it does not know', async () => {
    const messages = [
      {
        role: 'user',
        content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral' } }, { type: 'image' }],
      },
      { role: 'system', content: '# Environment', output_config: { effort: 'high' } },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm' },
          { type: 'tool_use', id: 't1', name: 'x', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 't1' },
          { type: 'tool_result', tool_use_id: 'other' },
        ],
      },
    ];
    const known = {
      ...hello,
      messages,
      thinking: { type: 'adaptive' },
      betas: ['x'],
      output_config: { effort: 'low' },
    };
    expect((await post('/v1/messages?beta=true', known)).status).toBe(200);
  });

  it('takes a body of many megabytes', async () => {
    const messages = [{ role: 'user', content: 'x'.repeat(12_000_000) }];
    expect(await post('/v1/messages/count_tokens', { ...hello, messages })).toMatchObject({ status: 200 });
  });

  it('answers its root, and an Anthropic error anywhere else', async () => {
    expect((await fetch(model.url)).status).toBe(200);
    expect((await fetch(model.url, { method: 'HEAD' })).status).toBe(200);
    expect(await post('/v1/complete', {})).toMatchObject({ status: 404, body: { error: { type: 'not_found_error' } } });
    const form = await fetch(`${model.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'a/b' },
      body: 'x',
    });
    expect(form.status).toBe(400);
  });
});

describe('its life', () => {
  it('ends within a second while answers are still awaited', async () => {
    const own = await startOfflineModel({ host: '127.0.0.1', port: 0 });
    const other = new Anthropic({ apiKey: 'offline', baseURL: own.url, maxRetries: 0 });
    const plain = other.messages.create(agentAsks('wait 30 seconds')).catch((error: unknown) => error);
    const stream = other.messages.stream(agentAsks('wait 30 seconds'));
    const streamed = stream.finalMessage().catch((error: unknown) => error);
    await stream.emitted('connect');
    const startedAt = performance.now();
    await own.close();
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(await plain).toBeInstanceOf(Error);
    expect(await streamed).toBeInstanceOf(Error);
  });

  it('goes on after a client that left in the middle of an answer', async () => {
    const stream = client.messages.stream(agentAsks('wait 30 seconds'));
    const streamed = stream.finalMessage().catch((error: unknown) => error);
    await stream.emitted('connect');
    stream.abort();
    expect(await streamed).toBeInstanceOf(Anthropic.APIUserAbortError);
    expect((await client.messages.create(hello)).stop_reason).toBe('end_turn');
  });

  it('rejects when its port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as { port: number };
    await expect(startOfflineModel({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await new Promise((resolve) => holder.close(resolve));
  });
});
