// The shared-state tools: small JSON values that the agents of one task leave for each other. Where they live and how
// long is left to the SharedState port.
import { z } from 'zod';
import { defineTool, quote, ToolFailure } from './tool.ts';

const MAX_VALUE_BYTES = 64 * 1024;

const key = z
  .string()
  .regex(/^[A-Za-z0-9_.:-]{1,200}$/, '1 to 200 characters: letters, digits and _ . : -')
  .describe('Name of the value, such as weather.berlin');

export const getSharedState = defineTool({
  name: 'get_shared_state',
  description:
    'Reads a value that an agent of this task stored under a key, with its version. A key that is absent has value null and version 0.',
  input: { key },
  async run({ state, taskId }, { key }) {
    const entry = await state.get(taskId, key);
    return { key, value: entry?.value ?? null, version: entry?.version ?? 0 };
  },
});

export const setSharedState = defineTool({
  name: 'set_shared_state',
  description:
    'Stores a JSON value under a key, for the other agents of this task. Give expected_version (from get_shared_state; 0 = absent) so that parallel agents do not overwrite each other.',
  input: {
    key,
    value: z.unknown().describe('Any JSON value, 64 kB at most'),
    expected_version: z.number().int().min(0).optional().describe('Write only if this is still the current version'),
  },
  async run({ state, taskId }, { key, value, expected_version: expected }) {
    const bytes = Buffer.byteLength(jsonOf(value));
    if (bytes > MAX_VALUE_BYTES) {
      throw new ToolFailure(
        `value: ${bytes} bytes of JSON are over the limit of ${MAX_VALUE_BYTES}; use write_file and store the path`,
      );
    }
    const written = await state.set({
      taskId,
      key,
      value,
      ...(expected !== undefined && { expectedVersion: expected }),
    });
    if (written.ok) return { key, version: written.version };
    throw new ToolFailure(
      `expected_version: ${expected} is not the version of key ${quote(key)}, which is ${written.version} now; read it again with get_shared_state, then set it with that version`,
    );
  },
});

function jsonOf(value: unknown): string {
  const json = JSON.stringify(value);
  if (json === undefined) throw new ToolFailure('value: is missing; give any JSON value, null to clear');
  return json;
}
