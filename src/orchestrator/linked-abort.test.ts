// One ends with the other, and many may hang on one.
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { linkedAbort } from './linked-abort.ts';

it('follows the first parent that aborts, with its reason', () => {
  const [first, second] = [new AbortController(), new AbortController()];
  const linked = linkedAbort(first.signal, second.signal);
  second.abort('closing');
  first.abort('gone');
  expect([linked.signal.aborted, linked.signal.reason]).toEqual([true, 'closing']);
});

it('is aborted at once when a parent was', () => {
  expect(linkedAbort(AbortSignal.abort('before')).signal.reason).toBe('before');
});

it('hears nothing of its parents once it let go of them', () => {
  const parent = new AbortController();
  const linked = linkedAbort(parent.signal);
  linked.release();
  parent.abort();
  expect(linked.signal.aborted).toBe(false);
});

it('may be one of hundreds that follow the same parent, without a warning of a leak', async () => {
  const parent = new AbortController();
  const warnings: string[] = [];
  const hear = ({ name, message }: Error) => warnings.push(`${name}: ${message}`);
  process.on('warning', hear);
  const linked = Array.from({ length: 300 }, () => linkedAbort(parent.signal));
  // Node warns in a later turn; a warning of our own comes behind it.
  const marked = once(process, 'warning');
  process.emitWarning('all are linked', 'MarkOfThisTest');
  await marked;
  process.off('warning', hear);
  expect(warnings.filter((line) => line.includes('AbortSignal'))).toEqual([]);
  parent.abort();
  expect(linked.every(({ signal }) => signal.aborted)).toBe(true);
});
