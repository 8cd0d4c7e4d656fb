// Users in the order in which they come next, on shelves: one for each set of capabilities, with the users who need nothing
// else, and one for those who need several. A set that has no place left is put away with its whole shelf; of the others, only
// a user who would be next is looked at again.
import type { CapabilityMask } from '../domain/capability.ts';
import { Heap, OUT } from '../domain/heap.ts';
import { byTurn, type ReadyUser, type Shelf } from './ready-user.ts';

export class Shelves {
  private readonly shelves = new Map<Shelf['of'], Shelf>();
  /** Those with users, but for the closed ones. */
  private readonly open = new Heap<Shelf>((a, b) => byTurn(a.users.first, b.users.first));
  private readonly closed = new Set<CapabilityMask>();
  /** Those who were looked at while sets were closed: what they have of these was left out of sight. */
  private readonly passedOver = new Set<ReadyUser>();

  /** Whose best is next, of those whose sets are not closed. */
  first(): ReadyUser | undefined {
    for (;;) {
      const user = this.open.first?.users.first;
      if (!user?.best || !this.closed.has(user.best.needs)) return user;
      this.refile(user);
    }
  }

  /** To be called when the user's subtasks or turns have changed. */
  refile(user: ReadyUser): void {
    user.look(this.closed);
    if (this.closed.size > 0) this.passedOver.add(user);
    const wanted = user.best ? this.shelfFor(user.onlySet) : null;
    if (user.shelf === wanted) wanted?.users.moved(user);
    else {
      this.takeDown(user);
      wanted?.users.push(user);
      user.shelf = wanted;
    }
    if (wanted) this.refileShelf(wanted);
  }

  /** Leaves this set out until `openAll`. */
  close(needs: CapabilityMask): void {
    this.closed.add(needs);
    this.refileShelf(this.shelfFor(needs));
  }

  openAll(): void {
    const closed = [...this.closed];
    this.closed.clear();
    for (const needs of closed) this.refileShelf(this.shelfFor(needs));
    for (const user of this.passedOver) this.refile(user);
    this.passedOver.clear();
  }

  private takeDown(user: ReadyUser): void {
    if (!user.shelf) return;
    user.shelf.users.remove(user);
    this.refileShelf(user.shelf);
  }

  private shelfFor(of: Shelf['of']): Shelf {
    const shelf = this.shelves.get(of) ?? { at: OUT, of, users: new Heap<ReadyUser>(byTurn) };
    this.shelves.set(of, shelf);
    return shelf;
  }

  private refileShelf(shelf: Shelf): void {
    const belongs = shelf.users.size > 0 && (shelf.of === null || !this.closed.has(shelf.of));
    if (belongs && shelf.at === OUT) this.open.push(shelf);
    else if (belongs) this.open.moved(shelf);
    else if (shelf.at !== OUT) this.open.remove(shelf);
  }
}
