// How many turns each user has had: within a priority, whoever had fewer comes first, so that one user's crowd does not keep
// another's few waiting. (Start-time fair queueing with equal weights: a user who comes back starts where the others are.)

export class Turns {
  private readonly had = new Map<string, number>();
  /** Of how many users there are with so many turns. */
  private readonly users = new Map<number, number>();
  /** The fewest; null when it has to be looked for. */
  private least: number | null = null;

  of(user: string): number {
    return this.had.get(user) ?? 0;
  }

  /** Somebody who was not there has no turns to catch up on. */
  join(user: string): void {
    if (!this.had.has(user)) this.set(user, this.fewest());
  }

  /** One more turn of somebody who joined. */
  count(user: string): void {
    this.set(user, this.of(user) + 1);
  }

  giveBack(user: string): void {
    if (this.had.has(user)) this.set(user, this.of(user) - 1);
  }

  /** Whoever comes back joins anew. */
  forget(user: string): void {
    const had = this.had.get(user);
    if (had === undefined) return;
    this.had.delete(user);
    this.countUsers(had, -1);
    if (had === this.least) this.least = null;
  }

  forgetAllBut(users: Iterable<string>): void {
    const kept = [...new Set(users)].filter((user) => this.had.has(user)).map((user) => [user, this.of(user)] as const);
    this.had.clear();
    this.users.clear();
    this.least = null;
    for (const [user, turns] of kept) this.set(user, turns);
  }

  /** Users take turns, so there are few different numbers. */
  private fewest(): number {
    if (this.had.size === 0) return 0;
    this.least ??= [...this.users.keys()].reduce((a, b) => Math.min(a, b));
    return this.least;
  }

  private set(user: string, turns: number): void {
    const before = this.had.get(user);
    this.had.set(user, turns);
    this.countUsers(turns, 1);
    if (before !== undefined) this.countUsers(before, -1);
    if (this.least !== null && turns < this.least) this.least = turns;
    else if (before === this.least) this.least = null;
  }

  private countUsers(turns: number, change: 1 | -1): void {
    const sum = (this.users.get(turns) ?? 0) + change;
    if (sum > 0) this.users.set(turns, sum);
    else this.users.delete(turns);
  }
}
