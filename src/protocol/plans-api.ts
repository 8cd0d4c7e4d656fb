// POST /plans as it travels: a task that is only planned, and the plan that comes of it.
import { z } from 'zod';
import { PRIORITY_MAX } from '../domain/subtask.ts';
import { capabilitySchema } from './agent-api.ts';
import { taskDescription, userId } from './api.ts';

/** Files that one request may name. */
export const PLANNED_FILES_MAX = 200;

export const makePlanBody = z.strictObject({
  description: taskDescription,
  user_id: userId.optional().meta({ description: 'On whose behalf. Default: the user of the API key.' }),
  files: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(1_000).meta({ description: 'As it would be attached.' }),
        bytes: z.int().nonnegative(),
      }),
    )
    .max(PLANNED_FILES_MAX)
    .optional()
    .meta({ description: 'Files that would be attached. They are named to the planner, and not sent.' }),
});

/** A plan as a submit takes it. Dependencies are indices into the same array. */
export const planView = z.object({
  subtasks: z.array(
    z.object({
      description: z.string(),
      required_capabilities: z.array(capabilitySchema),
      dependencies: z.array(z.int().nonnegative()),
      priority: z.int().min(0).max(PRIORITY_MAX),
      estimated_duration: z.int().positive().nullable(),
      input_data: z.record(z.string(), z.unknown()),
    }),
  ),
});
export type PlanView = z.infer<typeof planView>;

export const makePlanResponse = z.object({
  plan: planView.meta({ description: 'The field `plan` of a submit takes it as it is.' }),
  source: z
    .enum(['model', 'fallback'])
    .meta({ description: '`fallback`: the model gave none that can run; the plan is one subtask.' }),
  /** What the model used. */
  input_tokens: z.int().nonnegative(),
  output_tokens: z.int().nonnegative(),
});
export type MadePlan = z.infer<typeof makePlanResponse>;
