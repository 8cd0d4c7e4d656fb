// A plan: the graph of steps a task becomes, dependencies being indices into the same array. Owns every rule a plan
// must keep, whoever wrote it; problems come back as values that name the step and the field.
import { z } from 'zod';
import { CAPABILITIES, type Capability, covers, maskOf } from './capability.ts';
import { NESTING_MAX, nestsWithin } from './nesting.ts';
import { DEFAULT_PRIORITY, DURATION_MAX, PRIORITY_MAX, SUBTASK_DESCRIPTION_MAX } from './subtask.ts';
import { DESCRIPTION_MIN } from './task.ts';
import { boundedText } from './text.ts';

/** Steps a model may plan, and steps a request may give. */
export const MODEL_PLAN_MAX = 50;
export const GIVEN_PLAN_MAX = 5_000;

export const planStepSchema = z.object({
  description: boundedText({
    min: DESCRIPTION_MIN,
    max: SUBTASK_DESCRIPTION_MAX,
    tooShort: 'say what to do',
    tooLong: 'split the step',
  }),
  required_capabilities: z
    .array(
      z.enum(CAPABILITIES, {
        error: (issue) => `${show(issue.input)} is no capability: use ${CAPABILITIES.join(', ')}`,
      }),
    )
    .min(1, 'is empty: name at least one capability')
    .transform((capabilities) => [...new Set(capabilities)]),
  dependencies: z
    .array(z.int().nonnegative())
    .default([])
    .transform((indices) => [...new Set(indices)]),
  priority: z.int().min(0).max(PRIORITY_MAX).default(DEFAULT_PRIORITY),
  estimated_duration: z
    .int()
    .positive('must be more than 0 seconds, or null')
    .max(DURATION_MAX, `must be at most ${DURATION_MAX} seconds (a year)`)
    .nullable()
    .default(null),
  input_data: z
    .record(z.string(), z.unknown())
    .refine((data) => nestsWithin(data, NESTING_MAX), `must be nested at most ${NESTING_MAX} levels deep`)
    .default({}),
});

export const planSchema = z.object({
  subtasks: z.array(planStepSchema).min(1, 'is empty: a plan has at least one subtask'),
});

export type PlanStep = z.infer<typeof planStepSchema>;
export type Plan = z.infer<typeof planSchema>;

export interface PlanProblem {
  /** Such as `subtasks[2].dependencies[0]`. */
  field: string;
  message: string;
}

export type CheckedPlan = { ok: true; plan: Plan } | { ok: false; problems: PlanProblem[] };

export interface PlanRules {
  maxSubtasks: number;
  /** When given, each step must be within the capabilities of one of these agents. */
  crew?: readonly (readonly Capability[])[];
}

/** Checks shape first; only a well-shaped plan is checked as a graph and against the crew. */
export function checkPlan(raw: unknown, rules: PlanRules): CheckedPlan {
  const parsed = planSchema.safeParse(raw);
  if (!parsed.success) return { ok: false, problems: parsed.error.issues.map(problemOf) };
  const plan = parsed.data;
  const problems = [
    ...checkSize(plan, rules.maxSubtasks),
    ...plan.subtasks.flatMap((step, index) => checkReferences(step, index, plan.subtasks.length)),
    ...(rules.crew ? checkCrew(plan, rules.crew) : []),
  ];
  if (problems.length === 0) problems.push(...checkCycle(plan));
  return problems.length === 0 ? { ok: true, plan } : { ok: false, problems };
}

/** One line a person or a model can act on. */
export function describeProblems(problems: readonly PlanProblem[]): string {
  return problems.map((problem) => `${problem.field} ${problem.message}`).join('; ');
}

function problemOf(issue: z.core.$ZodIssue): PlanProblem {
  const field = issue.path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return { field: field.replace(/^\./, '') || 'plan', message: issue.message };
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
}

function checkSize(plan: Plan, max: number): PlanProblem[] {
  const count = plan.subtasks.length;
  return count <= max ? [] : [{ field: 'subtasks', message: `has ${count} subtasks: at most ${max} are allowed` }];
}

function checkReferences(step: PlanStep, index: number, count: number): PlanProblem[] {
  return step.dependencies.flatMap((dependency, place) => {
    const field = `subtasks[${index}].dependencies[${place}]`;
    if (dependency === index) return [{ field, message: 'is the subtask itself: remove it' }];
    if (dependency >= count) return [{ field, message: `is ${dependency}, but indices go from 0 to ${count - 1}` }];
    return [];
  });
}

function checkCrew(plan: Plan, crew: readonly (readonly Capability[])[]): PlanProblem[] {
  const masks = [...new Set(crew.map(maskOf))];
  return plan.subtasks.flatMap((step, index) => {
    const needed = maskOf(step.required_capabilities);
    if (masks.some((mask) => covers(mask, needed))) return [];
    const sets = crew.map((set) => `{${set.join(', ')}}`).join(' ');
    const message = `needs {${step.required_capabilities.join(', ')}}, and no agent has all of them: split the subtask, or stay within one of ${sets}`;
    return [{ field: `subtasks[${index}].required_capabilities`, message }];
  });
}

/** Steps of a cycle that a message spells out. */
const CYCLE_SHOWN = 20;

function checkCycle(plan: Plan): PlanProblem[] {
  const cycle = findCycle(plan.subtasks);
  if (!cycle) return [];
  const left = cycle.length - CYCLE_SHOWN;
  const path = [...cycle.slice(0, CYCLE_SHOWN), ...(left > 0 ? [`${left} more`] : []), cycle[0]].join(' → ');
  return [
    { field: `subtasks[${cycle[0]}].dependencies`, message: `is part of a cycle (${path}): remove one of its arrows` },
  ];
}

/** A step, the steps it waits for and those that wait for it. */
export interface PlanNode<S> {
  step: S;
  index: number;
  dependencies: PlanNode<S>[];
  dependents: PlanNode<S>[];
}

/** The steps as linked nodes, in the order of the plan. Indices that lead nowhere are left out. */
export function graphOf<S extends Pick<PlanStep, 'dependencies'>>(steps: readonly S[]): PlanNode<S>[] {
  const nodes = steps.map((step, index): PlanNode<S> => ({ step, index, dependencies: [], dependents: [] }));
  for (const node of nodes) {
    node.dependencies = node.step.dependencies.flatMap((index) => nodes[index] ?? []);
    for (const dependency of node.dependencies) dependency.dependents.push(node);
  }
  return nodes;
}

/** The nodes so that each follows its dependencies (Kahn 1962); those of a cycle and behind one are left out. */
export function topologicalOrder<S>(nodes: readonly PlanNode<S>[]): PlanNode<S>[] {
  const placed = new Set(nodes.filter((node) => node.dependencies.length === 0));
  const met = new Map<PlanNode<S>, number>();
  for (const { dependents } of placed) {
    for (const dependent of dependents) {
      const count = (met.get(dependent) ?? 0) + 1;
      met.set(dependent, count);
      if (count === dependent.dependencies.length) placed.add(dependent);
    }
  }
  return [...placed];
}

/** The indices of one cycle in walking order, or null. Every node that the order leaves out has a left-out dependency. */
function findCycle(steps: readonly PlanStep[]): number[] | null {
  const nodes = graphOf(steps);
  const ordered = new Set(topologicalOrder(nodes));
  const leftOut = (node: PlanNode<PlanStep>) => !ordered.has(node);
  const walked = new Set<PlanNode<PlanStep>>();
  let at = nodes.find(leftOut);
  while (at && !walked.has(at)) {
    walked.add(at);
    at = at.dependencies.find(leftOut);
  }
  if (!at) return null;
  const path = [...walked];
  return path
    .slice(path.indexOf(at))
    .reverse()
    .map((node) => node.index);
}
