import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acyclicPlan, graph, step } from '../../tests/support/plans.ts';
import {
  checkPlan,
  describeProblems,
  GIVEN_PLAN_MAX,
  graphOf,
  MODEL_PLAN_MAX,
  type Plan,
  type PlanProblem,
  type PlanRules,
  topologicalOrder,
} from './plan.ts';

const rules: PlanRules = { maxSubtasks: GIVEN_PLAN_MAX };

function problems(raw: unknown, given: PlanRules = rules): PlanProblem[] {
  const checked = checkPlan(raw, given);
  return checked.ok ? [] : checked.problems;
}

/** A plan of two steps, the second of which is broken in one way. */
const broken = (wrong: Record<string, unknown>) => ({ subtasks: [step(), { ...step(), ...wrong }] });

describe('a plan that keeps the rules', () => {
  it('needs only descriptions and capabilities; the rest has defaults', () => {
    const raw = { subtasks: [{ description: '  Add the numbers  ', required_capabilities: ['data_analysis'] }] };
    expect(checkPlan(raw, rules)).toEqual({ ok: true, plan: { subtasks: [step({ description: 'Add the numbers' })] } });
  });

  it('loses repeated capabilities and dependencies, and fields that no rule knows', () => {
    const raw = {
      subtasks: [
        step(),
        { ...step(), required_capabilities: ['web_scraping', 'web_scraping'], dependencies: [0, 0], mood: 1 },
      ],
      notes: 'none',
    };
    expect(checkPlan(raw, rules)).toEqual({
      ok: true,
      plan: { subtasks: [step(), step({ required_capabilities: ['web_scraping'], dependencies: [0] })] },
    });
  });

  it('may be a chain of 5,000 steps', () => {
    const chain = graph(...Array.from({ length: GIVEN_PLAN_MAX }, (_, index) => (index ? [index - 1] : [])));
    expect(checkPlan(chain, rules)).toEqual({ ok: true, plan: chain });
  });

  it('may be any graph without a cycle, in any order', () => {
    fc.assert(
      fc.property(acyclicPlan(), (plan) => {
        expect(checkPlan(plan, rules)).toEqual({ ok: true, plan });
      }),
    );
  });
});

describe('a plan that breaks a rule is told the step, the field and the mend', () => {
  const long = 'x'.repeat(1_001);
  it.each<[string, unknown, string, string]>([
    ['no plan at all', undefined, 'plan', 'expected object'],
    ['a list instead of an object', [], 'plan', 'expected object'],
    ['no subtasks', {}, 'subtasks', 'expected array'],
    ['empty subtasks', { subtasks: [] }, 'subtasks', 'is empty: a plan has at least one subtask'],
    ['a subtask that is a word', { subtasks: ['add'] }, 'subtasks[0]', 'expected object'],
    ['no description', broken({ description: undefined }), 'subtasks[1].description', 'expected string'],
    ['a short description', broken({ description: ' add them ' }), 'subtasks[1].description', 'at least 10 characters'],
    [
      'five emoji as a description',
      broken({ description: '😀😀😀😀😀' }),
      'subtasks[1].description',
      'at least 10 characters',
    ],
    ['a long description', broken({ description: long }), 'subtasks[1].description', 'at most 1000 characters: split'],
    [
      'no capabilities',
      broken({ required_capabilities: [] }),
      'subtasks[1].required_capabilities',
      'name at least one',
    ],
    [
      'an unknown capability',
      broken({ required_capabilities: ['cooking'] }),
      'subtasks[1].required_capabilities[0]',
      '"cooking" is no capability: use data_analysis,',
    ],
    [
      'a missing capability',
      broken({ required_capabilities: [undefined] }),
      'subtasks[1].required_capabilities[0]',
      'nothing is no capability',
    ],
    ['a negative dependency', broken({ dependencies: [-1] }), 'subtasks[1].dependencies[0]', '>=0'],
    ['a dependency by name', broken({ dependencies: ['first'] }), 'subtasks[1].dependencies[0]', 'expected number'],
    ['a fractional dependency', broken({ dependencies: [0.5] }), 'subtasks[1].dependencies[0]', 'expected int'],
    [
      'a dangling dependency',
      broken({ dependencies: [0, 2] }),
      'subtasks[1].dependencies[1]',
      'is 2, but indices go from 0 to 1',
    ],
    [
      'a self dependency',
      broken({ dependencies: [1] }),
      'subtasks[1].dependencies[0]',
      'is the subtask itself: remove it',
    ],
    ['a priority of 11', broken({ priority: 11 }), 'subtasks[1].priority', '<=10'],
    ['a priority of -1', broken({ priority: -1 }), 'subtasks[1].priority', '>=0'],
    [
      'a duration of 0',
      broken({ estimated_duration: 0 }),
      'subtasks[1].estimated_duration',
      'more than 0 seconds, or null',
    ],
    [
      'a duration beyond a year',
      broken({ estimated_duration: 31_536_001 }),
      'subtasks[1].estimated_duration',
      'at most 31536000 seconds',
    ],
    ['input data that is a list', broken({ input_data: [1] }), 'subtasks[1].input_data', 'expected record'],
    [
      'input data nested 10,000 deep',
      broken({ input_data: { deep: JSON.parse('['.repeat(10_000) + ']'.repeat(10_000)) } }),
      'subtasks[1].input_data',
      'at most 100 levels',
    ],
    ['a cycle', graph([2], [0], [1], []), 'subtasks[1].dependencies', 'is part of a cycle (1 → 2 → 0 → 1)'],
  ])('%s', (...[, raw, field, message]) => {
    expect(problems(raw)).toEqual([{ field, message: expect.stringContaining(message) }]);
  });

  it('names every broken field at once', () => {
    const found = problems({ subtasks: [step({ description: 'short', priority: 99 }), step({ dependencies: [0.1] })] });
    expect(found.map((problem) => problem.field)).toEqual([
      'subtasks[0].description',
      'subtasks[0].priority',
      'subtasks[1].dependencies[0]',
    ]);
  });

  it('shows no more than 80 characters of a wrong capability', () => {
    const [problem] = problems(broken({ required_capabilities: [long] }));
    expect(problem?.message.length).toBeLessThan(220);
  });

  it('counts the subtasks, against the limit of whoever wrote the plan', () => {
    const plan = { subtasks: Array.from({ length: MODEL_PLAN_MAX + 1 }, () => step()) };
    expect(problems(plan)).toEqual([]);
    expect(problems(plan, { maxSubtasks: MODEL_PLAN_MAX })).toEqual([
      { field: 'subtasks', message: 'has 51 subtasks: at most 50 are allowed' },
    ]);
  });

  it('asks for capabilities that some one agent has together', () => {
    const crew: PlanRules['crew'] = [['data_analysis', 'code_generation'], ['web_scraping']];
    const both = broken({ required_capabilities: ['data_analysis', 'web_scraping'] });
    expect(problems(both, { ...rules, crew })).toEqual([
      {
        field: 'subtasks[1].required_capabilities',
        message: expect.stringMatching(
          /needs \{data_analysis, web_scraping\}.*\{data_analysis, code_generation\} \{web_scraping\}$/,
        ),
      },
    ]);
    expect(problems(broken({ required_capabilities: ['code_generation'] }), { ...rules, crew })).toEqual([]);
  });

  it('walks only the cycle, not what leads to it or hangs on it', () => {
    const [problem] = problems(graph([], [0, 3], [1], [2], [3]));
    expect(problem).toEqual({
      field: expect.stringMatching(/^subtasks\[[123]\]\.dependencies$/),
      message: expect.stringMatching(/1 → 2 → 3|2 → 3 → 1|3 → 1 → 2/),
    });
  });

  it('finds a cycle through 5,000 steps, and keeps the message readable', () => {
    const ring = graph(
      ...Array.from({ length: GIVEN_PLAN_MAX }, (_, index) => [(index + GIVEN_PLAN_MAX - 1) % GIVEN_PLAN_MAX]),
    );
    const [problem] = problems(ring);
    expect(problem?.message).toContain('is part of a cycle');
    expect(problem?.message.length).toBeLessThan(500);
  });
});

describe('any single mutation of a valid plan', () => {
  type Steps = Record<string, unknown>[];
  const mutations: Record<string, (steps: Steps, at: number) => string> = {
    'an unknown capability': (steps, at) => {
      steps[at]!.required_capabilities = ['data_analysis', 'cooking'];
      return `subtasks[${at}].required_capabilities[1]`;
    },
    'no capability': (steps, at) => {
      steps[at]!.required_capabilities = [];
      return `subtasks[${at}].required_capabilities`;
    },
    'a dangling dependency': (steps, at) => {
      steps[at]!.dependencies = [steps.length];
      return `subtasks[${at}].dependencies[0]`;
    },
    'a self dependency': (steps, at) => {
      steps[at]!.dependencies = [at];
      return `subtasks[${at}].dependencies[0]`;
    },
    'a short description': (steps, at) => {
      steps[at]!.description = 'too short';
      return `subtasks[${at}].description`;
    },
    'a long description': (steps, at) => {
      steps[at]!.description = 'x'.repeat(1_001);
      return `subtasks[${at}].description`;
    },
    'a wrong priority': (steps, at) => {
      steps[at]!.priority = 5.5;
      return `subtasks[${at}].priority`;
    },
    'a wrong duration': (steps, at) => {
      steps[at]!.estimated_duration = -1;
      return `subtasks[${at}].estimated_duration`;
    },
    'too many subtasks': (steps) => {
      while (steps.length <= 60) steps.push(step());
      return 'subtasks';
    },
  };

  it.each(Object.entries(mutations))('%s is found, in its field', (_, mutate) => {
    fc.assert(
      fc.property(acyclicPlan(), fc.nat(), (plan, pick) => {
        const steps: Steps = plan.subtasks.map((one) => ({ ...one }));
        const field = mutate(steps, pick % steps.length);
        const found = problems({ subtasks: steps }, { maxSubtasks: 60 });
        expect(found.map((problem) => problem.field)).toEqual([field]);
      }),
    );
  });

  it('an arrow back along an existing path is found as a cycle of real arrows', () => {
    fc.assert(
      fc.property(acyclicPlan(), fc.nat(), ({ subtasks }, pick) => {
        const edges = subtasks.flatMap((one, to) => one.dependencies.map((from) => ({ from, to })));
        fc.pre(edges.length > 0);
        const { from, to } = edges[pick % edges.length]!;
        const steps = subtasks.map((one, index) =>
          index === from ? { ...one, dependencies: [...one.dependencies, to] } : one,
        );
        const [problem] = problems({ subtasks: steps });
        const path = /cycle \(([^)]*)\)/.exec(problem!.message)![1]!.split(' → ').map(Number);
        expect(path.length).toBeGreaterThan(2);
        expect(path[0]).toBe(path.at(-1));
        for (const [place, index] of path.slice(1).entries()) expect(steps[index]!.dependencies).toContain(path[place]);
        expect(problem!.field).toBe(`subtasks[${path[0]}].dependencies`);
      }),
    );
  });
});

describe('checking', () => {
  it('never throws, whatever the JSON', () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.record({ subtasks: fc.jsonValue() }),
      fc.record({ subtasks: fc.array(fc.dictionary(fc.constantFrom(...Object.keys(step())), fc.jsonValue())) }),
    );
    fc.assert(
      fc.property(odd, (raw) => {
        const found = problems(raw, { maxSubtasks: 3, crew: [['web_scraping']] });
        for (const problem of found)
          expect(problem.field).toMatch(/^(plan|subtasks(\[\d+\](\.\w+(\[\d+\]|\..*)?)?)?)$/);
      }),
      { numRuns: 500 },
    );
  });

  it('puts the problems on one line', () => {
    const found = [
      { field: 'subtasks[0].priority', message: 'is wrong' },
      { field: 'subtasks', message: 'is empty' },
    ];
    expect(describeProblems(found)).toBe('subtasks[0].priority is wrong; subtasks is empty');
    expect(describeProblems([])).toBe('');
  });
});

describe('the order of a plan', () => {
  const order = (plan: Plan) => topologicalOrder(graphOf(plan.subtasks)).map((node) => node.index);

  it('puts every step after its dependencies', () => {
    fc.assert(
      fc.property(acyclicPlan(), (plan) => {
        const places = order(plan);
        expect([...places].sort((a, b) => a - b)).toEqual([...plan.subtasks.keys()]);
        for (const [index, { dependencies }] of plan.subtasks.entries())
          for (const dependency of dependencies) expect(places.indexOf(dependency)).toBeLessThan(places.indexOf(index));
      }),
    );
  });

  it('leaves out the steps of a cycle and what depends on them', () => {
    expect(order(graph([], [2], [1], [2], [0]))).toEqual([0, 4]);
  });

  it('knows who waits for whom', () => {
    const [, first, , last] = graphOf(graph([], [0], [0], [1, 2]).subtasks);
    expect(last?.dependencies.map((node) => node.index)).toEqual([1, 2]);
    expect(first?.dependents).toEqual([last]);
  });

  it('overlooks an index that leads nowhere', () => {
    expect(order(graph([7]))).toEqual([0]);
  });
});
