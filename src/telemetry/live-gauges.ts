// Gauges that are read when somebody asks: what is queued, what runs, who is there, and whether database and bus answer. What
// they show is the whole system's, so every replica shows the same; where it is read is the orchestrator's snapshot.ts.
import { Gauge, type Registry } from 'prom-client';

/** Null: it did not answer, and nothing is known. */
export interface Snapshot {
  database: {
    ping_seconds: number;
    tasks: readonly { status: string; count: number }[];
    /** Of ready subtasks; each set once. */
    queue: readonly { capabilities: string; ready: number; oldest_seconds: number }[];
    running: number;
  } | null;
  bus: {
    ping_seconds: number;
    agents: Readonly<Record<AgentState, number>>;
    slots: { free: number; used: number };
  } | null;
  /** Ready subtasks whose set no registered agent has; null when database or bus did not answer. */
  stranded: readonly { capabilities: string; ready: number }[] | null;
}

/** `available`: takes a subtask now. `busy`: all slots are taken. `unavailable`: it is stopping, or cut off. */
export const AGENT_STATES = ['available', 'busy', 'unavailable'] as const;
export type AgentState = (typeof AGENT_STATES)[number];

export class LiveGauges {
  private readonly gauges: ReturnType<typeof createGauges>;

  constructor(registry: Registry) {
    this.gauges = createGauges(registry);
  }

  /** What is not known is not shown: an old figure would look like a new one. */
  show({ database, bus, stranded }: Snapshot): void {
    const { databaseUp, busUp, ...known } = this.gauges;
    for (const gauge of Object.values(known)) {
      gauge.reset();
      // A reset gauge without labels shows 0.
      gauge.remove({});
    }
    databaseUp.set(database ? 1 : 0);
    busUp.set(bus ? 1 : 0);
    if (database) this.showDatabase(database);
    if (bus) this.showBus(bus);
    for (const { capabilities, ready } of stranded ?? []) this.gauges.stranded.set({ capabilities }, ready);
  }

  private showDatabase({ ping_seconds, tasks, queue, running }: NonNullable<Snapshot['database']>): void {
    this.gauges.databasePing.set({}, ping_seconds);
    for (const { status, count } of tasks) this.gauges.tasks.set({ status }, count);
    for (const { capabilities, ready, oldest_seconds } of queue) {
      this.gauges.ready.set({ capabilities }, ready);
      this.gauges.oldest.set({ capabilities }, oldest_seconds);
    }
    this.gauges.running.set({}, running);
  }

  private showBus({ ping_seconds, agents, slots }: NonNullable<Snapshot['bus']>): void {
    this.gauges.busPing.set({}, ping_seconds);
    for (const state of AGENT_STATES) this.gauges.agents.set({ state }, agents[state]);
    this.gauges.slots.set({ state: 'free' }, slots.free);
    this.gauges.slots.set({ state: 'used' }, slots.used);
  }
}

function createGauges(registry: Registry) {
  const gauge = <Label extends string = never>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge<Label>({ name, help, labelNames, registers: [registry] });
  return {
    tasks: gauge('muster_tasks', 'Tasks that have not ended, by status.', 'status'),
    ready: gauge(
      'muster_ready_subtasks',
      'Ready subtasks by the capabilities they require, those that back off included. At most 100,000 are counted.',
      'capabilities',
    ),
    oldest: gauge(
      'muster_ready_subtask_oldest_age_seconds',
      'How long the oldest ready subtask of each set of capabilities has waited.',
      'capabilities',
    ),
    stranded: gauge(
      'muster_stranded_subtasks',
      'Ready subtasks whose capabilities no registered agent has together.',
      'capabilities',
    ),
    running: gauge('muster_running_subtasks', 'Subtasks that run.'),
    agents: gauge(
      'muster_crew_agents',
      'Registered agents: available, busy (all slots taken), or unavailable (stopping, or cut off from the bus).',
      'state',
    ),
    slots: gauge('muster_crew_slots', 'Slots of the registered agents, free or used.', 'state'),
    databasePing: gauge('muster_database_ping_seconds', 'Time the database took to answer when it was last asked.'),
    busPing: gauge('muster_bus_ping_seconds', 'Time the bus took to list the agents when it was last asked.'),
    databaseUp: gauge('muster_database_up', '1 when the database answers within a second, else 0.'),
    busUp: gauge('muster_bus_up', '1 when the bus answers within a second, else 0.'),
  };
}
