// Who asks: whose tasks a request may see, on whose behalf it submits, what its role allows. Every request has a caller once
// access.ts has let it in.
import { AppError } from '../domain/errors.ts';
import type { Role } from '../domain/role.ts';
import { DEFAULT_USER } from '../domain/task.ts';

export interface Caller {
  /** Submits for this user unless it says otherwise; sees this user's tasks only, unless it operates. */
  user_id: string;
  role: Role;
  /** Of its key; null: it showed none, and none was asked for. */
  key_id: string | null;
  /** Aborts when its key is revoked. */
  revoked: AbortSignal;
}

/** Where no key is asked for, everybody may do everything. */
export const ANYBODY: Caller = {
  user_id: DEFAULT_USER,
  role: 'operate',
  key_id: null,
  revoked: new AbortController().signal,
};

/** The user to whom a list is narrowed: the one asked for, or the caller's own. Throws forbidden for somebody else's. */
export function userSeenBy(caller: Caller, asked?: string): string | undefined {
  return caller.role === 'operate' ? asked : ownUser(caller, asked);
}

/** On whose behalf a task is submitted. Throws forbidden for somebody else. */
export function userFor(caller: Caller, asked: string | undefined): string {
  return caller.role === 'operate' ? (asked ?? caller.user_id) : ownUser(caller, asked);
}

function ownUser(caller: Caller, asked: string | undefined): string {
  if (asked === undefined || asked === caller.user_id) return caller.user_id;
  const message = `user_id ${JSON.stringify(asked)} is not the user of this API key, who is ${JSON.stringify(caller.user_id)}: leave it out, or use a key with role operate`;
  throw new AppError('forbidden', message, { field: 'user_id' });
}
