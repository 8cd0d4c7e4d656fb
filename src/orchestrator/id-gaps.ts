// Where a reader of a growing table stands. Rows get their numbers before they are committed, so with several writers a row
// may appear behind the reader: numbers that were skipped are asked for again until it is clear that they never come.

/** A transaction that stores log lines takes milliseconds; a number that is missing for longer was rolled back. */
const WAIT_MS = 10_000;
/** A crash of the database may skip dozens of numbers at once. */
export const MISSING_MAX = 1_000;

export class IdGaps {
  /** The highest number seen. */
  after: number;
  /** By skipped number: when that was noticed. */
  private readonly missing = new Map<number, number>();

  constructor(after: number) {
    this.after = after;
  }

  /** Numbers below `after` that may still come. */
  missingAt(nowMs: number): number[] {
    for (const [id, noticed] of this.missing) if (nowMs - noticed > WAIT_MS) this.missing.delete(id);
    return [...this.missing.keys()];
  }

  /** Notes what was read: `ids` in ascending order, missing ones among them. */
  take(ids: readonly number[], nowMs: number): void {
    for (const id of ids) {
      this.missing.delete(id);
      if (id <= this.after) continue;
      for (let skipped = Math.max(this.after + 1, id - MISSING_MAX); skipped < id; skipped += 1)
        this.missing.set(skipped, nowMs);
      this.after = id;
    }
    for (const id of this.missing.keys()) {
      if (this.missing.size <= MISSING_MAX) return;
      this.missing.delete(id);
    }
  }
}
