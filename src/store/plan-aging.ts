// When a connection's plans are to be made anew. For a table of a few rows it is as cheap to read all of it as to look a row
// up, and a plan that does so is kept while the table grows, until the server counts its rows again: a minute in which every
// step may read every other. A new plan goes by the size that the table has by then.

/** The first is soon enough that little was read in vain; by the last, autovacuum's statistics have replaced the plans. */
const DUE: ReadonlySet<number> = new Set([16, 64, 256, 1_024, 4_096]);

export class PlanAging {
  private readonly uses = new WeakMap<object, number>();

  /** Counts a use of the connection. Rarely true, since planning costs as much as a few steps. */
  isDue(connection: object): boolean {
    const uses = (this.uses.get(connection) ?? 0) + 1;
    this.uses.set(connection, uses);
    return DUE.has(uses);
  }
}
