import fc from 'fast-check';
import { expect, it } from 'vitest';
import { StepCount } from './step-count.ts';

it('counts the steps of a plan, whatever stands in them and however it is cut', () => {
  const step = fc.record({
    description: fc.string(),
    dependencies: fc.array(fc.nat(9)),
    input_data: fc.dictionary(fc.string(), fc.jsonValue()),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), fc.integer({ min: 1, max: 40 }), (subtasks, size) => {
      const text = JSON.stringify({ subtasks });
      const count = new StepCount();
      for (let at = 0; at < text.length; at += size) count.read(text.slice(at, at + size));
      expect(count.steps).toBe(subtasks.length);
    }),
  );
});

it('says when another one is complete', () => {
  const count = new StepCount();
  expect(count.read('{"subtasks": [{"description": "a \\"}] b"')).toBe(false);
  expect(count.read('}, {')).toBe(true);
  expect(count.read('"x": {}')).toBe(false);
  expect(count.read('}]}')).toBe(true);
  expect(count.steps).toBe(2);
});
