// Sessions started ahead, so that an attempt does not wait for its child to start (0.7 s here). Each ended attempt leaves one
// behind for the next, so there are never more than attempts ran at once; none is started before the first attempt.
import type { Clock } from '../clock.ts';
import type { SessionCounts } from './agent-metrics.ts';
import type { AttemptCaps } from './attempt-runner.ts';
import { Session, type SessionSettings } from './session.ts';

export interface SessionPoolOptions {
  settings: SessionSettings;
  clock: Clock;
  /** False: every attempt starts its own. A waiting session costs about 180 MB. */
  keepWarm: boolean;
  /** Sessions that wait at most, however many attempts end: what bounds their memory. */
  warmMax: number;
  /** Milliseconds after which an unused session is closed. */
  idleMs: number;
}

export function isCapped({ max_turns, max_budget_usd }: AttemptCaps): boolean {
  return max_turns !== undefined || max_budget_usd !== undefined;
}

export interface TakenSession {
  session: Session;
  warm: boolean;
}

export class SessionPool {
  private readonly options: SessionPoolOptions;
  private readonly all = new Set<Session>();
  /** Sessions that wait, with what cancels their idle timer. */
  private readonly waiting = new Map<Session, () => void>();
  private closed = false;

  constructor(options: SessionPoolOptions) {
    this.options = options;
  }

  get counts(): SessionCounts {
    return { warm: this.waiting.size, working: this.all.size - this.waiting.size };
  }

  /**
   * A waiting session, which may still be starting, or a new one. The caller closes it. Limits are a session's from its
   * start on, so an attempt that has some is given a session of its own.
   */
  take(caps: AttemptCaps = {}): TakenSession {
    if (isCapped(caps)) return { session: this.open(caps), warm: false };
    for (const [session, cancelIdle] of this.waiting) {
      this.waiting.delete(session);
      cancelIdle();
      return { session, warm: true };
    }
    return { session: this.open(), warm: false };
  }

  /** Starts a session for the attempt that comes next. One that fails to start is forgotten. */
  startAhead(): void {
    const { keepWarm, warmMax } = this.options;
    if (!keepWarm || this.closed || this.waiting.size >= warmMax) return;
    const session = this.open();
    this.waiting.set(
      session,
      this.options.clock.after(this.options.idleMs, () => {
        this.waiting.delete(session);
        session.close();
      }),
    );
  }

  /** Kills every session, waiting or in use, and waits until they are gone. */
  async close(): Promise<void> {
    this.closed = true;
    for (const cancelIdle of this.waiting.values()) cancelIdle();
    this.waiting.clear();
    const sessions = [...this.all];
    for (const session of sessions) session.close();
    await Promise.all(sessions.map((session) => session.gone));
  }

  private open(caps: AttemptCaps = {}): Session {
    const session = new Session(this.options.settings, caps);
    this.all.add(session);
    void session.gone.then(() => {
      this.all.delete(session);
      this.waiting.get(session)?.();
      this.waiting.delete(session);
    });
    return session;
  }
}
