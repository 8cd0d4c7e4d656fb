// A narrow gate: so many at once, so many in line, and no more.
import { AppError } from '../domain/errors.ts';

export class Turns {
  private readonly limits: { atOnce: number; inLine: number };
  private readonly line: (() => void)[] = [];
  private running = 0;

  constructor(limits: { atOnce: number; inLine: number }) {
    this.limits = limits;
  }

  /** Runs `work` when its turn comes, first come, first served. Rejects with `unavailable` when the line is full. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    await this.enter();
    try {
      return await work();
    } finally {
      const next = this.line.shift();
      if (next) next();
      else this.running -= 1;
    }
  }

  private enter(): Promise<void> | void {
    if (this.running < this.limits.atOnce) {
      this.running += 1;
      return;
    }
    if (this.line.length < this.limits.inLine) return new Promise((resolve) => this.line.push(resolve));
    throw new AppError('unavailable', `${this.line.length} others wait for the same: try again shortly`);
  }
}
