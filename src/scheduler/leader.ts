// Leadership: one process holds the scheduler's lease, renews it well before it passes, and stops leading the moment it
// can no longer be sure of it. Another takes over within LEASE_MS + RENEW_MS of a leader's death.
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Db } from '../store/db.ts';
import { holdLease, type Lease, releaseLease } from '../store/leases.ts';

const LEASE_MS = 4_000;
const RENEW_MS = 1_000;

export interface LeaderOptions {
  db: Db;
  clock: Clock;
  logger: Logger;
  /** Called each time this process begins to lead. */
  onElected: () => void;
}

export class Leader {
  readonly lease: Lease = { name: 'scheduler', holder: randomUUID() };
  private readonly options: LeaderOptions;
  private leadsUntil = 0;
  private askedUntil = 0;
  private stopped = false;
  private cancelTimer: () => void = () => undefined;
  private renewal: Promise<void> = Promise.resolve();

  constructor(options: LeaderOptions) {
    this.options = options;
  }

  /** True while the lease, as last renewed, has surely not passed. */
  get leads(): boolean {
    return this.options.clock.now().getTime() < this.leadsUntil;
  }

  /** True while the lease could be asked for: then some process holds it, this one or another. */
  get knowsLeader(): boolean {
    return this.options.clock.now().getTime() < this.askedUntil;
  }

  /** Resolves after the first try. */
  async start(): Promise<void> {
    this.renewal = this.renew();
    await this.renewal;
  }

  /** Gives the lease back, so that another leads at once; when the database is away it passes by itself. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTimer();
    await this.renewal;
    this.leadsUntil = 0;
    try {
      await releaseLease(this.options.db, this.lease);
    } catch (error) {
      this.options.logger.warn({ err: error }, 'the scheduler lease could not be given back');
    }
  }

  private async renew(): Promise<void> {
    // Counted from before the question, so that a slow answer never makes the lease look longer than it is.
    const askedAt = this.options.clock.now().getTime();
    try {
      const held = await holdLease(this.options.db, this.lease, LEASE_MS);
      // Asked only now: a reign that lapsed while the answer was on its way begins anew.
      const led = this.leads;
      this.askedUntil = askedAt + LEASE_MS;
      this.leadsUntil = held ? askedAt + LEASE_MS : 0;
      if (!led && this.leads && !this.stopped) this.options.onElected();
    } catch (error) {
      this.options.logger.error({ err: error }, 'the scheduler lease could not be renewed');
    }
    if (this.stopped) return;
    this.cancelTimer = this.options.clock.after(RENEW_MS, () => {
      this.renewal = this.renew();
    });
  }
}
