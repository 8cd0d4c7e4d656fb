// Gathers what arrives in quick succession and hands it over together, a fixed time after the first of it.

export class Gathering<Item> {
  /** May change between two gatherings. */
  ms: number;
  private readonly work: (items: readonly Item[]) => void;
  private items: Item[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number, work: (items: readonly Item[]) => void) {
    this.ms = ms;
    this.work = work;
  }

  add(item: Item): void {
    this.items.push(item);
    this.timer ??= setTimeout(() => this.flush(), this.ms);
  }

  /** What was gathered and not handed over is forgotten. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.items = [];
  }

  private flush(): void {
    const { items } = this;
    this.timer = undefined;
    this.items = [];
    this.work(items);
  }
}
