import type { ServerNotification } from '@modelcontextprotocol/sdk/types.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ProgressCounter } from './progress.ts';

function counter(progressToken?: string) {
  const sent: ServerNotification[] = [];
  const told = new ProgressCounter({
    ...(progressToken && { _meta: { progressToken } }),
    sendNotification: async (notification) => void sent.push(notification),
  });
  const numbers = () => sent.map(({ params }) => Number(params && 'progress' in params ? params.progress : undefined));
  return { told, sent, numbers };
}

it('grows with each notification, and its whole part is what is done', async () => {
  const steps = fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(steps, async (added) => {
      const { told, numbers } = counter('token');
      let done = 0;
      for (const more of added) {
        done += more;
        await told.tell({ done, planned: 1_000, message: '' });
        expect(Math.floor(numbers().at(-1) ?? Number.NaN)).toBe(done);
      }
      expect(numbers()).toEqual([...new Set(numbers())].toSorted((a, b) => a - b));
    }),
  );
});

it('has no total before there is a plan', async () => {
  const { told, sent } = counter('token');
  await told.tell({ done: 0, planned: null, message: 'the task is being planned' });
  const params = { progressToken: 'token', progress: 0, message: 'the task is being planned' };
  expect(sent).toEqual([{ method: 'notifications/progress', params }]);
});

it('is not told to a client that did not ask', async () => {
  const { told, sent } = counter();
  await told.tell({ done: 1, planned: 2, message: '' });
  expect(sent).toEqual([]);
});
