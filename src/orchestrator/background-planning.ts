// Tasks that are planned while nobody waits for the answer: submitted so, or left by a process that died. What fails here
// is taken up by the sweep, since the task stays pending.
import type { UnplannedTask } from '../store/tasks.ts';
import { type PlanningParts, planTask } from './planning.ts';

export class BackgroundPlanning {
  private readonly parts: PlanningParts;
  private readonly running = new Set<Promise<void>>();

  constructor(parts: PlanningParts) {
    this.parts = parts;
  }

  start(task: UnplannedTask): void {
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
