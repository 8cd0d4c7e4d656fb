// POST /plans: what a task would become, without running it.
import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { failures } from '../../protocol/failures.ts';
import { makePlanBody, makePlanResponse, PLANNED_FILES_MAX } from '../../protocol/plans-api.ts';
import type { App } from '../app.ts';
import { userFor } from '../caller.ts';
import { goneSignal } from '../event-stream-reply.ts';
import type { Parts } from '../parts.ts';
import { planOnly } from '../plan-only.ts';
import { safeFileName } from '../task-files.ts';
import { readDescription, readUser, refuseUnknown } from '../task-input.ts';

export function addPlanRoutes(app: App, parts: Parts): void {
  // The body is checked with the words that a submit uses; the schema documents it.
  const options = {
    schema,
    config: { access: 'submit' } as const,
    validatorCompiler: () => (value: unknown) => ({ value }),
  };
  app.post('/plans', options, async ({ body, caller }, reply) => {
    const fields = readFields(body);
    const gone = goneSignal(reply, caller);
    const asked = {
      description: readDescription(fields.description),
      user_id: userFor(caller, readUser(fields.user_id)),
      files: readFiles(fields.files),
    };
    try {
      const { plan, source, input_tokens, output_tokens } = await planOnly(parts, { ...asked, caller, gone });
      return { plan, source, input_tokens, output_tokens };
    } catch (error) {
      if (!reply.raw.destroyed) throw error;
      // Nobody is there to be answered, and leaving is no failure worth a line in the log.
      return reply.hijack();
    }
  });
}

const FIELDS = Object.keys(makePlanBody.shape);

function readFields(body: unknown): Record<string, unknown> {
  const { data } = z.record(z.string(), z.unknown()).safeParse(body ?? {});
  if (!data) throw new AppError('invalid_request', 'the body must be a JSON object such as {"description": "..."}');
  refuseUnknown(data, { of: 'POST /plans', known: FIELDS });
  return data;
}

function readFiles(value: unknown): { path: string; bytes: number }[] {
  if (value === undefined) return [];
  const { data, error } = makePlanBody.shape.files.unwrap().safeParse(value);
  if (data) return data.map(({ name, bytes }) => ({ path: `input/${safeFileName(name)}`, bytes }));
  const issue = error.issues[0];
  const field = ['files', ...(issue?.path ?? [])].join('.');
  const form = `at most ${PLANNED_FILES_MAX} of {"name": "data.csv", "bytes": 120}`;
  throw new AppError('invalid_request', `${field}: ${issue?.message ?? 'is not allowed'}; files are ${form}`, {
    field,
  });
}

const schema = {
  operationId: 'makePlan',
  summary: 'Plan a task without running it. Nothing is stored.',
  description:
    'The planner is asked as for a task, which costs what planning a task costs; its tokens are counted with those of planning. Submitted with the plan of the answer, a task runs exactly that.',
  tags: ['tasks'],
  body: makePlanBody,
  response: {
    200: makePlanResponse.describe('The plan, within the limits of a submit.'),
    ...failures('invalid_request', 'too_large', 'unsupported_media_type', 'planning_failed', 'unavailable'),
  },
};
