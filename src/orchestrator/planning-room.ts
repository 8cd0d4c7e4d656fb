// What all planning in this process shares: slots, places, leases and the board. Made once a process; nothing is touched until the
// first task comes.
import type { OrchestratorDeps, PlanningRoom } from './parts.ts';
import { PlanningBoard } from './planning-board.ts';
import { PlanningLeases } from './planning-leases.ts';
import { PlanningPlaces } from './planning-places.ts';
import { PlanningSlots } from './planning-slots.ts';

export function openPlanningRoom(deps: Omit<OrchestratorDeps, 'isSchedulerAlive'>): PlanningRoom {
  const slots = new PlanningSlots(deps.clock, deps.config.planningSlots);
  const places = new PlanningPlaces(deps.config.planningSlots);
  const leases = new PlanningLeases(deps, deps.config.planningMs);
  const board = new PlanningBoard({ ...deps, slots });
  deps.metrics.planningIs(() => ({ planning: slots.planning, waiting: slots.waiting }));
  return {
    slots,
    places,
    leases,
    board,
    async close() {
      await Promise.all([leases.close(), board.close()]);
    },
  };
}
