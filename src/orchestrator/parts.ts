// What the orchestrator is built from. Building needs no live connection: nothing here is touched before a request comes.
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Role } from '../domain/role.ts';
import type { Logger } from '../log.ts';
import type { Planner } from '../planner/planner.ts';
import type { Db } from '../store/db.ts';
import type { ControlMetrics } from '../telemetry/control-metrics.ts';
import type { PlanningBoard } from './planning-board.ts';
import type { PlanningLeases } from './planning-leases.ts';
import type { PlanningPlaces } from './planning-places.ts';
import type { PlanningSlots } from './planning-slots.ts';

export interface OrchestratorConfig {
  /** Folder of the tasks' folders. */
  sharedFiles: string;
  /** Largest request body, attached files included. */
  bodyLimitBytes: number;
  /** How long a task that is being planned is left alone by others; renewed while planning goes on. */
  planningMs: number;
  /** Tasks that this process asks the model to plan at once. */
  planningSlots: number;
  /** Shared with the agents; asked on the routes that only they call. */
  agentToken?: string | undefined;
  /** What agents inside this process show; known to nobody else. */
  ownAgentsToken?: string | undefined;
  /** Default: listening on loopback, where no key is asked for until one is made. */
  access?: AccessSettings;
}

export interface AccessSettings {
  /** Address the service listens on: beyond loopback a key is always asked for. */
  host: string;
  /** Keys that are stored nowhere. `off`: on loopback none is asked for, whatever is stored. */
  apiKeys: readonly { role: Role; user_id: string; key: string }[] | 'off';
  /** Requests a minute of one key, and of one address without a valid key; null: no limit. */
  rateLimit: number | null;
}

/** What the process was started with, for whoever looks at it: in words, without credentials. */
export interface InUse {
  store: string;
  bus: string;
  model: { kind: 'claude' | 'offline'; name: string };
  agent_runtime: 'claude' | 'simulate';
  /** Slots of an agent that is started without a number of its own. */
  slots_default: number;
}

export interface OrchestratorDeps {
  db: Db;
  bus: Bus;
  planner: Planner;
  clock: Clock;
  logger: Logger;
  metrics: ControlMetrics;
  config: OrchestratorConfig;
  inUse: InUse;
  /** True while some process is known to lead the scheduling. */
  isSchedulerAlive: () => boolean;
}

/** The same, inside a service that runs: what waits or asks the model ends when `stopping` aborts. */
export interface Parts extends OrchestratorDeps {
  stopping: AbortSignal;
  planning: PlanningRoom;
}

/** Shared by all planning in this process. */
export interface PlanningRoom {
  slots: PlanningSlots;
  places: PlanningPlaces;
  leases: PlanningLeases;
  board: PlanningBoard;
  close(): Promise<void>;
}
