// How many turns each user has had: within a priority, whoever had fewer comes first, so that one user's crowd does not keep
// another's few waiting. (Start-time fair queueing with equal weights: a user who comes back starts where the others are.)

export interface Turn {
  user_id: string;
  priority: number;
}

export class Turns {
  private readonly had = new Map<string, number>();

  of(user: string): number {
    return this.had.get(user) ?? 0;
  }

  /** Somebody who was not there has no turns to catch up on. */
  join(user: string): void {
    if (!this.had.has(user)) this.had.set(user, this.had.size === 0 ? 0 : Math.min(...this.had.values()));
  }

  /** One more turn of somebody who joined. */
  count(user: string): void {
    this.had.set(user, this.of(user) + 1);
  }

  giveBack(user: string): void {
    const had = this.had.get(user);
    if (had !== undefined) this.had.set(user, had - 1);
  }

  forgetAllBut(users: readonly string[]): void {
    const kept = new Set(users);
    for (const user of this.had.keys()) if (!kept.has(user)) this.had.delete(user);
  }

  /** Puts them in order and counts a turn for each: those of one user among each other are in the order of `within`. */
  inOrder<T extends Turn>(items: readonly T[], within: (a: T, b: T) => number): T[] {
    const given = new Map<string, number>();
    const turns = items.toSorted(within).map((item) => {
      // Priorities come before turns, so each counts by itself.
      const key = `${item.priority} ${item.user_id}`;
      const nth = given.get(key) ?? 0;
      given.set(key, nth + 1);
      return { item, turn: this.of(item.user_id) + nth };
    });
    for (const { user_id } of items) this.count(user_id);
    return turns
      .sort((a, b) => b.item.priority - a.item.priority || a.turn - b.turn || within(a.item, b.item))
      .map(({ item }) => item);
  }
}
