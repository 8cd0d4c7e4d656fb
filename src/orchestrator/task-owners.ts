// Whose a task is, for callers that see their own only. To them a task of somebody else is one that does not exist: the same
// answer, so that nobody can find out which ids there are. Owners never change, so they are remembered.
import type { Db } from '../store/db.ts';
import { getTaskOwner } from '../store/task-views.ts';
import type { Caller } from './caller.ts';

const REMEMBERED_MAX = 10_000;

const TASK_ID = /^task_[a-z0-9]{1,64}$/;

/** Whether a task may have this id: what else is asked for reaches neither the database nor the disk. */
export function isTaskId(id: string): boolean {
  return TASK_ID.test(id);
}

export class TaskOwners {
  private readonly db: Db;
  /** The one that was remembered first comes first. */
  private readonly owners = new Map<string, string>();

  constructor(db: Db) {
    this.db = db;
  }

  async isSeenBy(caller: Caller, taskId: string): Promise<boolean> {
    return caller.role === 'operate' || (await this.ownerOf(taskId)) === caller.user_id;
  }

  private async ownerOf(taskId: string): Promise<string | null> {
    const known = this.owners.get(taskId);
    if (known !== undefined) return known;
    const owner = await getTaskOwner(this.db, taskId);
    if (owner !== null) this.remember(taskId, owner);
    return owner;
  }

  private remember(taskId: string, owner: string): void {
    this.owners.set(taskId, owner);
    const [first] = this.owners.keys();
    if (this.owners.size > REMEMBERED_MAX && first !== undefined) this.owners.delete(first);
  }
}
