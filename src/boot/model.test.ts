import { expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { createModelClient, openChosenModel, openModel } from './model.ts';

it('starts an offline model of its own when nothing else is set, and reaches it with the real SDK', async () => {
  const access = await openModel(readConfig({}));
  expect(access.kind).toBe('offline');
  const client = createModelClient(access);
  const answer = await client.messages.create({
    model: 'any',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Who are you?' }],
  });
  expect(JSON.stringify(answer.content)).toContain('offline model');
  await access.close();
});

it('uses the offline model that runs already at ANTHROPIC_BASE_URL', async () => {
  const settings = { MUSTER_MODEL: 'offline', ANTHROPIC_BASE_URL: 'http://127.0.0.1:8400' };
  expect(await openModel(readConfig(settings))).toMatchObject({ kind: 'offline', baseUrl: 'http://127.0.0.1:8400' });
});

it('takes Claude with the credentials that are set', async () => {
  const access = await openModel(readConfig({ ANTHROPIC_API_KEY: 'sk-test' }));
  expect(access).toMatchObject({ kind: 'claude', apiKey: 'sk-test', authToken: undefined });
  await access.close();
  expect(createModelClient(access).apiKey).toBe('sk-test');
});

it('refuses Claude without any credential', async () => {
  await expect(openModel(readConfig({ MUSTER_MODEL: 'claude' }))).rejects.toThrow(/MUSTER_MODEL .*ANTHROPIC_API_KEY/);
});

it('guesses nothing for a service of its own, and says what to set', async () => {
  await expect(openChosenModel(readConfig({}))).rejects.toThrow(/ANTHROPIC_API_KEY .*MUSTER_MODEL=offline/);
  expect((await openChosenModel(readConfig({ ANTHROPIC_AUTH_TOKEN: 't' }))).kind).toBe('claude');
});
