import { expect, it } from 'vitest';
import { Closers } from './closers.ts';

it('closes in reverse order, each once', async () => {
  const closers = new Closers();
  const closed: string[] = [];
  for (const name of ['first', 'second', 'third']) closers.add(() => void closed.push(name));
  await closers.closeAll();
  await closers.closeAll();
  expect(closed).toEqual(['third', 'second', 'first']);
});

it('closes the rest when one fails, and tells of the first failure', async () => {
  const closers = new Closers();
  const closed: string[] = [];
  closers.add(() => void closed.push('database'));
  closers.add(() => Promise.reject(new Error('the server would not close')));
  closers.add(() => {
    throw new Error('the agent would not stop');
  });
  await expect(closers.closeAll()).rejects.toThrow('the agent would not stop');
  expect(closed).toEqual(['database']);
});
