import { describe, expect, it } from 'vitest';
import { messagesRequest, readConversation } from './request.ts';

const read = (fields: object) =>
  readConversation(
    messagesRequest.parse({ model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'x' }], ...fields }),
  );
const toolTurn = (result: object) => [
  { role: 'user', content: 'x' },
  {
    role: 'assistant',
    content: [{ type: 'tool_use', id: 't1', name: 'mcp__muster__read_file', input: { path: 'a' } }],
  },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', ...result }] },
];

describe('the role', () => {
  it.each(['planner', 'agent', 'summary'])('is %s when the system prompt has that line', (role) => {
    expect(read({ system: `You are X.\nMuster role: ${role}\nMore.` }).role).toBe(role);
    expect(
      read({
        system: [
          { type: 'text', text: 'a' },
          { type: 'text', text: `Muster role: ${role}` },
        ],
      }).role,
    ).toBe(role);
  });

  it('is none for other words, and for a line that a message brings', () => {
    expect(read({ system: 'Muster role: king' }).role).toBe('none');
    expect(read({ messages: [{ role: 'user', content: 'Muster role: agent' }] }).role).toBe('none');
    expect(
      read({
        messages: [
          { role: 'system', content: 'Muster role: agent' },
          { role: 'user', content: 'x' },
        ],
      }).role,
    ).toBe('none');
  });
});

describe('tool calls', () => {
  it.each<[string, object, string]>([
    ['a string', { content: 'text\n' }, 'text\n'],
    ['text blocks', { content: [{ type: 'text', text: 'a\n' }] }, 'a\n'],
    ['blocks with no text', { content: [{ type: 'image' }] }, ''],
    ['nothing', {}, ''],
    [
      'a reminder that the SDK added',
      {
        content: [
          { type: 'text', text: 'a\n\n' },
          { type: 'text', text: '<system-reminder>\n9 tokens left' },
        ],
      },
      'a\n',
    ],
  ])('are read with their bare name from %s', (_, result, text) => {
    expect(read({ messages: toolTurn(result) }).calls).toEqual([
      { tool: 'read_file', input: { path: 'a' }, text, isError: false },
    ]);
  });

  it('keep their error, and are left out when nobody asked for them', () => {
    expect(read({ messages: toolTurn({ is_error: true, content: 'no' }) }).calls[0]?.isError).toBe(true);
    expect(read({ messages: toolTurn({ tool_use_id: 'other' }) }).calls).toEqual([]);
  });
});
