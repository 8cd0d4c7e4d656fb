// How the document shows a plan that a request brings: as a whole, although it is judged by domain/plan, whose messages name
// subtask and field.
import { z } from 'zod';
import { planSchema } from '../domain/plan.ts';
import { createTaskBody } from '../protocol/api.ts';

export const documentedPlan = z.unknown().meta({
  description: createTaskBody.shape.plan.description,
  ...z.toJSONSchema(planSchema, { io: 'input', target: 'openapi-3.0' }),
});
