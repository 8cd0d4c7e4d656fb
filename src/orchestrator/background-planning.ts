// Tasks that are planned while nobody waits for the answer: submitted so, or left by a process that died. What fails here, or
// finds the line too long, is taken up by the sweep, since the task stays pending.
import type { UnplannedTask } from '../store/tasks.ts';
import { type PlanningParts, planTask } from './planning.ts';

export class BackgroundPlanning {
  private readonly parts: PlanningParts;
  private readonly running = new Set<Promise<void>>();

  constructor(parts: PlanningParts) {
    this.parts = parts;
  }

  /** Tasks without a plan that may be fetched from the database to be started. */
  get room(): number {
    return this.parts.planning.places.roomForFetched;
  }

  start(task: UnplannedTask): void {
    const leave = this.placeFor(task);
    if (!leave) return;
    const planning = planTask(this.parts, task)
      .then(() => undefined)
      .catch((error: unknown) => {
        if (this.parts.stopping.aborted) return;
        this.parts.logger.error({ err: error, task_id: task.id }, 'the task could not be planned; it is tried again');
      })
      .finally(() => {
        leave();
        this.running.delete(planning);
      });
    this.running.add(planning);
  }

  /** Resolves when nothing is being planned here; soon once `stopping` has aborted. */
  async settled(): Promise<void> {
    await Promise.all(this.running);
  }

  /** What gives the place back. Null: the task stays in the database, or is planned here already and was given to us anew. */
  private placeFor(task: UnplannedTask): (() => void) | null {
    const { leases, places } = this.parts.planning;
    // One that comes with its plan needs none: nobody is asked.
    if (task.given_plan) return () => {};
    return leases.holds(task.id) ? null : places.take(task.user_id);
  }
}
