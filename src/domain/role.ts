// What a key of the API allows. Each role includes the one before it.

/**
 * `read`: see one's own tasks, with their events, files and log lines. `submit`: also submit, cancel and retry them.
 * `operate`: everything, of everybody: agents, statistics, keys.
 */
export const ROLES = ['read', 'submit', 'operate'] as const;
export type Role = (typeof ROLES)[number];

/** Whether `role` allows what `needed` is the least role for. */
export function includes(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}
