// A binary heap whose items know their place in it, so that one whose order has changed is moved, or taken out, in steps that
// grow with the logarithm of their number.

/** Where an item is in its heap; OUT when it is in none. */
export interface Placed {
  at: number;
}

export const OUT = -1;

export class Heap<T extends Placed> {
  private readonly items: T[] = [];
  private readonly order: (a: T, b: T) => number;

  /** `order` is negative when `a` comes before `b`. */
  constructor(order: (a: T, b: T) => number) {
    this.order = order;
  }

  get first(): T | undefined {
    return this.items[0];
  }

  get size(): number {
    return this.items.length;
  }

  has(item: T): boolean {
    return this.items[item.at] === item;
  }

  push(item: T): void {
    item.at = this.items.push(item) - 1;
    this.rise(item);
  }

  /** To be called for an item whose order has changed. */
  moved(item: T): void {
    const { at } = item;
    this.rise(item);
    if (item.at === at) this.sink(item);
  }

  remove(item: T): void {
    const last = this.items.pop();
    if (last && last !== item) {
      last.at = item.at;
      this.items[last.at] = last;
      this.moved(last);
    }
    item.at = OUT;
  }

  private rise(item: T): void {
    while (item.at > 0) {
      const parent = this.items[(item.at - 1) >> 1];
      if (!parent || this.order(parent, item) <= 0) return;
      this.swap(parent, item);
    }
  }

  /** To the bottom and up again: most of those that sink belong there, and so are compared half as often. */
  private sink(item: T): void {
    for (let child = this.firstChild(item); child; child = this.firstChild(item)) this.swap(child, item);
    this.rise(item);
  }

  private firstChild(item: T): T | undefined {
    const left = this.items[2 * item.at + 1];
    const right = this.items[2 * item.at + 2];
    return left && right && this.order(right, left) < 0 ? right : left;
  }

  private swap(a: T, b: T): void {
    [a.at, b.at] = [b.at, a.at];
    this.items[a.at] = a;
    this.items[b.at] = b;
  }
}
