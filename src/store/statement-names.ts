// Which statements a connection keeps prepared: those that come again and again. A statement that is prepared is parsed and
// planned once for each connection instead of each time, which halves what a small one costs.

/** From this time on it is prepared. What comes once, such as a model's SQL, never is. */
const COMES_AGAIN = 3;
/** Distinct statements that are remembered, and that are prepared: what there may be of either in a server's memory. */
const REMEMBERED_MAX = 2_000;
const PREPARED_MAX = 200;

export class StatementNames {
  private readonly seen = new Map<string, number>();
  private readonly names = new Map<string, string>();

  /** The name under which this statement is to be prepared; undefined while it is not. */
  nameOf(text: string): string | undefined {
    const known = this.names.get(text);
    if (known !== undefined || this.names.size >= PREPARED_MAX) return known;
    const times = (this.seen.get(text) ?? 0) + 1;
    if (times < COMES_AGAIN) {
      if (this.seen.size >= REMEMBERED_MAX) this.seen.clear();
      this.seen.set(text, times);
      return undefined;
    }
    this.seen.delete(text);
    const name = `muster_${this.names.size + 1}`;
    this.names.set(text, name);
    return name;
  }
}
