// Tasks that are planned while nobody waits for the answer: submitted so, or left by a process that died. What fails here, or
// finds the line too long, is taken up by the sweep, since the task stays pending.
import type { UnplannedTask } from '../store/tasks.ts';
import { type PlanningParts, planTask } from './planning.ts';

/** Tasks that may wait for a planning slot in this process's memory; the others wait in the database. */
const LINE_MAX = 1_000;

export class BackgroundPlanning {
  private readonly parts: PlanningParts;
  private readonly running = new Set<Promise<void>>();

  constructor(parts: PlanningParts) {
    this.parts = parts;
  }

  /** Tasks that may be started without making the line too long. */
  get room(): number {
    return Math.max(0, LINE_MAX - this.parts.planning.slots.waiting);
  }

  start(task: UnplannedTask): void {
    if (!task.given_plan && this.room === 0) return;
    // It may have been given to this process anew while its planning goes on.
    if (this.parts.planning.leases.holds(task.id)) return;
    const planning = planTask(this.parts, task)
      .then(() => undefined)
      .catch((error: unknown) => {
        if (this.parts.stopping.aborted) return;
        this.parts.logger.error({ err: error, task_id: task.id }, 'the task could not be planned; it is tried again');
      })
      .finally(() => this.running.delete(planning));
    this.running.add(planning);
  }

  /** Resolves when nothing is being planned here; soon once `stopping` has aborted. */
  async settled(): Promise<void> {
    await Promise.all(this.running);
  }
}
