// Keys of the HTTP API as they travel: made, listed, revoked, and who the one is that asks.
import { z } from 'zod';
import { ROLES } from '../domain/role.ts';
import { userId } from './api.ts';

const instant = z.iso.datetime();
const role = z.enum(ROLES, `must be one of ${ROLES.join(', ')}`);

/** POST /keys */
export const newKeyBody = z.strictObject({
  role: role.meta({
    description:
      "`read`: see one's own tasks. `submit`: also submit, cancel and retry them. `operate`: everything, of everybody.",
  }),
  user_id: userId.meta({ description: 'Whose tasks it gives access to, and on whose behalf it submits.' }),
  name: z.string().max(200).default('').meta({ description: 'What it is for.' }),
});
export type NewKey = Omit<z.input<typeof newKeyBody>, 'name'> & { name?: string | undefined };

export const apiKey = z.object({
  id: z.string().meta({ pattern: '^key_' }),
  name: z.string(),
  user_id: z.string(),
  role: z.enum(ROLES),
  created_at: instant,
  /** Within an hour; null: never. */
  last_used_at: instant.nullable(),
  revoked_at: instant.nullable(),
});
export type ApiKeyView = z.infer<typeof apiKey>;

/** The only answer that ever holds the key itself. */
export const createKeyResponse = apiKey.extend({ key: z.string() });

export const listKeysResponse = z.object({ keys: z.array(apiKey) });

/** GET /me */
export const meResponse = z.object({
  user_id: z.string(),
  role: z.enum(ROLES),
  /** False: no key is asked for, and none was shown. */
  by_key: z.boolean(),
});
export type Me = z.infer<typeof meResponse>;
