// The answer a session must hand in, as the schema that checks it and as the JSON Schema that the model is shown.
import { z } from 'zod';

export const outputSchema = z.object({
  success: z.boolean().describe('Whether the subtask is done.'),
  summary: z.string().describe('One to three plain sentences with the result in them, or why it cannot be done.'),
  data: z.record(z.string(), z.unknown()).describe('The result itself, complete enough for the next agent.'),
});

// Draft 7 without its `$schema`, which is what the CLI's validator takes.
const { $schema: _, ...jsonSchema } = z.toJSONSchema(outputSchema, { target: 'draft-7' });
export const OUTPUT_JSON_SCHEMA: Record<string, unknown> = jsonSchema;
