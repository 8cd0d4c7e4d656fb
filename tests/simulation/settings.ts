// The product's settings in the simulation: shorter than in life, in the same proportions, so that a history of a minute
// sees agents lost and deadlines passed.

export const HEARTBEAT_MS = 2_000;
export const HEARTBEAT_TTL_MS = 12_000;
export const ATTEMPT_TIMEOUT_MS = 15_000;
export const PLANNING_MS = 5_000;
export const UNSUMMARISED_MS = 5_000;
