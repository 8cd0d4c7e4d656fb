// The runtime that works with Claude: keeps the sessions that wait and runs each attempt in one. The steps of an attempt are
// in run-attempt.ts.
import type { Clock } from '../clock.ts';
import type { AttemptRunner } from './attempt-runner.ts';
import { runAttempt, type ToolPorts } from './run-attempt.ts';
import type { SessionSettings } from './session.ts';
import { SessionPool } from './session-pool.ts';

/** The session settings: model, permission mode, credentials, and the environment that the child's is picked from. */
export interface ClaudeRuntimeOptions extends SessionSettings {
  ports: ToolPorts;
  /** Folder of the tasks' folders. */
  sharedFiles: string;
  clock: Clock;
  /** Keep a started session for each slot that came free. */
  warmSessions: boolean;
  /** So many of them at most. */
  warmMax: number;
  /** Milliseconds after which an unused one is closed. */
  warmIdleMs: number;
  /** False for the offline model: the SDK prices its answers by the name of the model it was asked for. */
  priced: boolean;
}

export function createClaudeRuntime(options: ClaudeRuntimeOptions): AttemptRunner {
  const { model, permissionMode, environment, credentials, ports, sharedFiles, clock } = options;
  const pool = new SessionPool({
    settings: { model, permissionMode, environment, credentials },
    clock,
    keepWarm: options.warmSessions,
    warmMax: options.warmMax,
    idleMs: options.warmIdleMs,
  });
  return {
    async run(work, signal, log) {
      const parts = { pool, ports, sharedFiles };
      if (options.priced) return runAttempt(parts, { work, signal, log });
      const free = { ...work, caps: { max_turns: work.caps.max_turns } };
      const { outcome, usage } = await runAttempt(parts, { work: free, signal, log });
      return { outcome, usage: { ...usage, cost_usd: 0, unknown: [] } };
    },
    sessions: () => pool.counts,
    close: () => pool.close(),
  };
}
