import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import { describe, expect, it } from 'vitest';
import type { LogLevel } from '../domain/log.ts';
import type { LogMetadata } from './attempt-log.ts';
import { Transcript } from './transcript.ts';

describe('the log of a session', () => {
  it('has every text, call and answer, with the tool by its own name', () => {
    const { logs } = read(
      assistant([
        { type: 'thinking', thinking: 'Hm.', signature: '' },
        { type: 'text', text: 'I calculate.' },
        { type: 'tool_use', id: 'call_1', name: 'mcp__muster__run_code', input: { code: '2+2' } },
      ]),
      answer('call_1', '{"result":4}'),
    );
    expect(logs).toEqual([
      ['DEBUG', 'Hm.', { kind: 'thinking' }],
      ['INFO', 'I calculate.', { kind: 'text' }],
      ['INFO', 'run_code {"code":"2+2"}', { kind: 'tool_call', tool: 'run_code', call_id: 'call_1' }],
      [
        'INFO',
        'run_code answered: {"result":4}',
        { kind: 'tool_result', tool: 'run_code', call_id: 'call_1', is_error: false },
      ],
    ]);
  });

  it('warns of a failed call', () => {
    const { logs } = read(call('call_1', 'read_file', {}), answer('call_1', 'no such file', true));
    expect(logs.at(-1)).toMatchObject(['WARN', 'read_file failed: no such file', { is_error: true }]);
  });

  it('holds long inputs and answers cut, and says how much is missing', () => {
    const { logs } = read(
      call('call_1', 'write_file', { content: 'x'.repeat(9_000) }),
      answer('call_1', 'y'.repeat(9_000)),
    );
    for (const [, message] of logs) {
      expect(message.length).toBeLessThan(4_100);
      expect(message).toMatch(/\[cut: \d+ more characters\]$/);
    }
  });

  it('reads answers in blocks, of tools it never saw called, and plain messages', () => {
    const { logs } = read(
      user([{ type: 'tool_result', tool_use_id: 'call_9', content: [{ type: 'text', text: 'a' }, { type: 'image' }] }]),
      user([{ type: 'tool_result', tool_use_id: 'call_8' }]),
      user([{ type: 'text', text: 'Call the tool now.' }]),
      { type: 'user', message: { role: 'user', content: 'plain' } },
    );
    expect(logs.map(([level, message]) => [level, message])).toEqual([
      ['INFO', 'unknown tool answered: a\n(image)'],
      ['INFO', 'unknown tool answered: '],
      ['DEBUG', 'Call the tool now.'],
    ]);
  });

  it('warns of retries, rate limits and refused tools, and notes notices', () => {
    const { logs } = read(
      { type: 'rate_limit_event', rate_limit_info: { status: 'allowed' } },
      { type: 'rate_limit_event', rate_limit_info: { status: 'rejected', resetsAt: 5 } },
      { type: 'system', subtype: 'api_retry', attempt: 1, error_status: 529, retry_delay_ms: 10, error: 'overloaded' },
      { type: 'system', subtype: 'permission_denied', tool_name: 'Bash' },
      { type: 'system', subtype: 'informational', content: 'By the way' },
      { type: 'system', subtype: 'init' },
    );
    expect(logs.map(([level, , { kind }]) => [level, kind])).toEqual([
      ['WARN', 'rate_limit'],
      ['WARN', 'model_retry'],
      ['WARN', 'notice'],
      ['INFO', 'notice'],
    ]);
  });
});

describe('the outcome of a session', () => {
  const output = { success: true, summary: 'It is 4.', data: { result: 4 } };

  it('is completed with the structured output', () => {
    const { transcript } = read(success({ structured_output: output }));
    expect(transcript.ended).toBe(true);
    expect(transcript.conclude().outcome).toEqual({ status: 'completed', output });
  });

  it.each([
    ['an output that says it failed', 'unsuccessful', success({ structured_output: { ...output, success: false } })],
    ['no output', 'crashed', success({})],
    ['an output of another form', 'crashed', success({ structured_output: { success: 'yes' } })],
    ['a refusal', 'model_refused', success({ is_error: true, stop_reason: 'refusal', result: 'No.' })],
    ['529', 'model_overloaded', apiFailure(529)],
    ['429', 'model_overloaded', apiFailure(429)],
    ['500', 'model_overloaded', apiFailure(500)],
    ['408', 'model_overloaded', apiFailure(408)],
    ['400', 'model_rejected', apiFailure(400)],
    ['401', 'model_rejected', apiFailure(401)],
    ['413', 'model_rejected', apiFailure(413)],
    ['an API error without a status or kind', 'crashed', apiFailure(null)],
    ['too many turns', 'max_turns', errorResult('error_max_turns')],
    ['a spent budget', 'budget_exceeded', errorResult('error_max_budget_usd')],
    ['a result that never took the right form', 'crashed', errorResult('error_max_structured_output_retries')],
    ['an error in the session', 'crashed', errorResult('error_during_execution')],
  ])('after %s is %s', (_, error_code, message) => {
    const { outcome } = read(message).transcript.conclude();
    expect(outcome).toMatchObject({ status: 'failed', error_code, error: expect.stringMatching(/./) });
  });

  it.each([
    ['server_error', 'model_overloaded'],
    ['overloaded', 'model_overloaded'],
    ['authentication_failed', 'model_rejected'],
    ['billing_error', 'model_rejected'],
    ['unknown', 'crashed'],
  ])('after the API error %s without a status is %s', (error, error_code) => {
    const message = { ...assistant([{ type: 'text', text: 'API Error' }]), error };
    expect(read(message, apiFailure(null)).transcript.conclude().outcome).toMatchObject({ error_code });
    expect(read(message, errorResult('error_during_execution')).transcript.conclude().outcome).toMatchObject({
      error_code,
    });
  });

  it('is a crash with the reason when the session broke off', () => {
    const { transcript } = read(assistant([{ type: 'text', text: 'I begin.' }]));
    expect(transcript.ended).toBe(false);
    transcript.broke('The child was killed');
    expect(transcript.conclude().outcome).toEqual({
      status: 'failed',
      error_code: 'crashed',
      error: 'The child was killed',
    });
  });

  it('is a crash when the session just ended', () => {
    expect(read().transcript.conclude().outcome).toMatchObject({ error_code: 'crashed' });
  });

  it('stays what it is when the session breaks off after the result', () => {
    const { transcript } = read(success({ structured_output: output }));
    transcript.broke('Error result');
    expect(transcript.conclude().outcome.status).toBe('completed');
  });
});

describe('the loop guard', () => {
  const failing = (id: string, input: object) => [call(id, 'read_file', input), answer(id, 'no such file', true)];

  it('stops at the third identical failing call in a row', () => {
    const { transcript } = read(
      ...failing('1', { path: 'a' }),
      ...failing('2', { path: 'a' }),
      ...failing('3', { path: 'a' }),
    );
    expect(transcript.ended).toBe(true);
    expect(transcript.conclude().outcome).toMatchObject({
      error_code: 'unsuccessful',
      error: expect.stringMatching(/read_file 3 times.*no such file/),
    });
  });

  it('sees through several calls at once, and through others that fail in between', () => {
    const { transcript } = read(
      call('1', 'read_file', { path: 'a' }),
      call('2', 'read_file', { path: 'b' }),
      answer('1', 'no such file', true),
      answer('2', 'no such file', true),
      ...failing('3', { path: 'a' }),
      ...failing('4', { path: 'b' }),
      ...failing('5', { path: 'a' }),
    );
    expect(transcript.conclude().outcome).toMatchObject({ error: expect.stringMatching(/read_file 3 times/) });
  });

  it('bears with a success in between, but not for ever', () => {
    const rounds = ['1', '2', '3', '4', '5', '6'].map((id) => [
      ...failing(id, { path: 'a' }),
      call(`${id}_other`, 'list_files', {}),
      answer(`${id}_other`, 'nothing'),
    ]);
    expect(read(...rounds.slice(0, 5).flat()).transcript.ended).toBe(false);
    expect(read(...rounds.flat()).transcript.conclude().outcome).toMatchObject({
      error_code: 'unsuccessful',
      error: expect.stringMatching(/read_file 6 times/),
    });
  });

  it('does not mind different inputs, or a success in between', () => {
    const { transcript } = read(
      ...failing('1', { path: 'a' }),
      ...failing('2', { path: 'a' }),
      ...failing('3', { path: 'b' }),
      ...failing('4', { path: 'c' }),
      call('5', 'read_file', { path: 'a' }),
      answer('5', 'found'),
      ...failing('6', { path: 'a' }),
      ...failing('7', { path: 'a' }),
    );
    expect(transcript.ended).toBe(false);
  });

  it('leaves results of the wrong form to the SDK, which counts them itself', () => {
    const wrong = ['1', '2', '3'].flatMap((id) => [
      assistant([{ type: 'tool_use', id, name: 'StructuredOutput', input: {} }]),
      answer(id, 'wrong form', true),
    ]);
    expect(read(...wrong).transcript.ended).toBe(false);
  });
});

describe('the usage of a session', () => {
  it('is what the final message says, cached input included', () => {
    const { transcript } = read(
      assistant([]),
      success({
        total_cost_usd: 0.5,
        modelUsage: {
          big: { inputTokens: 1, cacheReadInputTokens: 10, cacheCreationInputTokens: 100, outputTokens: 7 },
          small: { inputTokens: 1000, cacheReadInputTokens: 0, cacheCreationInputTokens: 0, outputTokens: 3 },
        },
      }),
    );
    expect(transcript.conclude().usage).toEqual({
      input_tokens: 1111,
      output_tokens: 10,
      cost_usd: 0.5,
      turns: 1,
      unknown: [],
    });
  });

  it('is nothing before the model was asked', () => {
    const transcript = new Transcript(() => {});
    transcript.broke('The session could not be started');
    expect(transcript.conclude().usage).toMatchObject({ cost_usd: 0, turns: 0, unknown: [] });
  });

  it('without a final message is the sum over the messages, each counted once, and what they cost is not known', () => {
    const { transcript } = read(assistant([], 'msg_1'), assistant([], 'msg_1'), assistant([], 'msg_2'));
    expect(transcript.conclude().usage).toEqual({
      input_tokens: 26,
      output_tokens: 4,
      cost_usd: 0,
      // One may have been under way.
      turns: 3,
      unknown: ['cost_usd'],
    });
  });
});

type Line = [LogLevel, string, LogMetadata];

// The SDK's messages have many more fields than are read: these hold the ones that were seen to matter.
function read(...messages: object[]) {
  const logs: Line[] = [];
  const transcript = new Transcript((...line: Line) => logs.push(line));
  transcript.begin();
  for (const message of messages) transcript.read(message as SDKMessage);
  return { transcript, logs };
}

function assistant(content: object[], id = 'msg_1') {
  const usage = { input_tokens: 10, cache_read_input_tokens: 3, cache_creation_input_tokens: null, output_tokens: 2 };
  return { type: 'assistant', message: { id, content, usage } };
}

function user(content: object[]) {
  return { type: 'user', message: { role: 'user', content } };
}

function call(id: string, name: string, input: object) {
  return assistant([{ type: 'tool_use', id, name: `mcp__muster__${name}`, input }]);
}

function answer(id: string, content: string, is_error?: boolean) {
  return user([{ type: 'tool_result', tool_use_id: id, content, ...(is_error && { is_error }) }]);
}

const RESULT = {
  type: 'result',
  stop_reason: 'end_turn',
  is_error: false,
  total_cost_usd: 0,
  modelUsage: {},
};

function success(changes: object) {
  return { ...RESULT, subtype: 'success', result: '', ...changes };
}

function apiFailure(api_error_status: number | null) {
  return success({ is_error: true, api_error_status, result: `API Error: ${api_error_status}` });
}

function errorResult(subtype: string) {
  return { ...RESULT, subtype, is_error: true, errors: [] };
}
