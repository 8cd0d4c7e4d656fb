// Tasks of which a ready subtask waits for budget that running attempts hold. Until one of those ends there is nothing to
// gain: their subtasks are neither listed nor claimed, so that they neither spin nor stand before others.

import type { WaitingTask } from '../store/purses.ts';
import type { RunningSubtask } from '../store/subtasks.ts';

export class BudgetWaits {
  /** Task id → its attempts that ran when a claim was refused. */
  private readonly running = new Map<string, number>();

  get tasks(): string[] {
    return [...this.running.keys()];
  }

  has(taskId: string): boolean {
    return this.running.has(taskId);
  }

  refused(tasks: readonly WaitingTask[]): void {
    for (const { task_id, running } of tasks) this.running.set(task_id, running);
  }

  /** True when the task was waiting for this. */
  ended(taskId: string): boolean {
    return this.running.delete(taskId);
  }

  /** Finds the ends that no notice mentioned: while a task waits, the number of its running attempts can only fall. */
  reconcile(rows: readonly RunningSubtask[]): void {
    const counts = new Map<string, number>();
    for (const { task_id } of rows) counts.set(task_id, (counts.get(task_id) ?? 0) + 1);
    for (const [taskId, then] of this.running) if ((counts.get(taskId) ?? 0) < then) this.running.delete(taskId);
  }

  clear(): void {
    this.running.clear();
  }
}
