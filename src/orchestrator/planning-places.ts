// How much planning this process takes on at a time: what is in a slot, in line, or on its way there. What exceeds it waits in
// the database, or is refused when somebody waits for the answer.
import { AppError } from '../domain/errors.ts';

/** Places beside those for the slots. */
const LINE_MAX = 1_000;
/** Of the tasks that wait in the database so many are fetched ahead: enough for the slots until the next sweep. */
const FETCHED_MAX = 200;

export class PlanningPlaces {
  private readonly atOnce: number;
  private readonly max: number;
  private readonly byUser = new Map<string, number>();
  private taken = 0;

  /** `atOnce`: the slots. One user alone has places enough to fill them all, and a line of half its length. */
  constructor(atOnce: number) {
    this.atOnce = atOnce;
    this.max = 2 * atOnce + LINE_MAX;
  }

  /** Tasks that may be fetched from the database; their users find a place. */
  get roomForFetched(): number {
    return Math.max(0, this.atOnce + FETCHED_MAX - this.taken);
  }

  /**
   * Gives a place, or rather what gives it back; null when the user has none left. Nobody has more places than are free, so
   * that however many one user takes, there are some for others.
   */
  take(userId: string): (() => void) | null {
    const own = this.of(userId);
    if (own >= this.max - this.taken) return null;
    this.change(userId, 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.change(userId, -1);
      isTaken = false;
    };
  }

  /** The same for who waits for the answer. Throws unavailable; `mend` says what to do instead. */
  takeNow(userId: string, mend: string): () => void {
    const leave = this.take(userId);
    if (leave) return leave;
    const message = `${this.taken} plans are being made or waited for, ${this.of(userId)} of them of this user: ${mend}`;
    throw new AppError('unavailable', message);
  }

  private of(userId: string): number {
    return this.byUser.get(userId) ?? 0;
  }

  private change(userId: string, by: 1 | -1): void {
    this.taken += by;
    const own = this.of(userId) + by;
    if (own > 0) this.byUser.set(userId, own);
    else this.byUser.delete(userId);
  }
}
