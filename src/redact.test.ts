import { describe, expect, it } from 'vitest';
import { createRedactor, redactDeep } from './redact.ts';

describe('redacting', () => {
  const redact = createRedactor(['my-own-secret-value', 'short']);

  it('takes out the values it knows, wherever they stand', () => {
    expect(redact('key=my-own-secret-value; again my-own-secret-value')).toBe('key=[redacted]; again [redacted]');
  });

  it('leaves a secret alone that is so short that it could be a word', () => {
    expect(redact('a short text')).toBe('a short text');
  });

  it.each([
    ['the key sk-ant-api03-AbC_123-xyz is', 'the key [redacted] is'],
    [`the key muster_${'aB3_-'.repeat(8)}xyz is`, 'the key [redacted] is'],
    ['Authorization: Bearer abcdef0123456789', 'Authorization: [redacted]'],
    ['postgresql://app:pa55word@db:5432/x', 'postgresql://app:[redacted]@db:5432/x'],
  ])('takes out what looks like a credential: %s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it('leaves ordinary text and addresses as they are', () => {
    const text = 'See https://example.com:8080/a@b, the bearer of news, and 😀';
    expect(redact(text)).toBe(text);
  });

  it('replaces characters that the database refuses', () => {
    expect(redact('a\0b\ud83dc😀')).toBe('a\uFFFDb\uFFFDc😀');
  });

  it('reaches into values and keys at any depth', () => {
    const value = { 'my-own-secret-value': [1, null, true, { note: 'my-own-secret-value' }] };
    expect(redactDeep(value, redact)).toEqual({ '[redacted]': [1, null, true, { note: '[redacted]' }] });
  });
});

it('looks at each pattern wherever one can stand, in any case', () => {
  const redact = createRedactor([]);
  for (const credential of ['BEARER abcdef0123456789', 'Basic abcdef0123456789', 'sk-ant-api03-abcdef'])
    expect(redact(`${'x '.repeat(5_000)}${credential}`)).toBe(`${'x '.repeat(5_000)}[redacted]`);
});
