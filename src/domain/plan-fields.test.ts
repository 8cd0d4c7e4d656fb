import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acyclicPlan, step } from '../../tests/support/plans.ts';
import { unknownFields } from './plan-fields.ts';

describe('the unknown fields of a plan', () => {
  it('are named with their place and the field that was meant', () => {
    const raw = { subtasks: [step(), { ...step(), dependancies: [0] }], sub_tasks: [] };
    expect(unknownFields(raw)).toEqual([
      { field: 'sub_tasks', message: 'is no field of a plan: did you mean subtasks?' },
      { field: 'subtasks[1].dependancies', message: 'is no field of a plan: did you mean dependencies?' },
    ]);
  });

  it('are shown the known ones when none is near', () => {
    const [problem] = unknownFields({ subtasks: [{ zebra: 1 }] });
    expect(problem?.message).toMatch(/^is no field of a plan: known are description, required_capabilities, /);
  });

  it('are none in a plan that keeps to the fields, nor in what is no plan', () => {
    fc.assert(fc.property(acyclicPlan(), (plan) => void expect(unknownFields(plan)).toEqual([])));
    for (const raw of [null, 7, 'plan', [], {}, { subtasks: 'none' }, { subtasks: [null, 7, []] }])
      expect(unknownFields(raw)).toEqual([]);
  });
});
