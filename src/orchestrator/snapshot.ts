// The system as one look shows it, for /metrics: read when it is scraped, once a second at most however many scrape, by the
// queries of the overview. A database or a bus that does not answer in time costs its part of the picture, not the answer.
import type { AgentStatus } from '../domain/agent.ts';
import { countOpenTasks, countReady, countRunning, type QueuedSet } from '../store/activity.ts';
import type { AgentState, Snapshot } from '../telemetry/live-gauges.ts';
import type { Parts } from './parts.ts';
import { largestFirst, missingSets } from './queued-sets.ts';

const ANSWER_MS = 1_000;
const KEEP_MS = 1_000;

type SnapshotParts = Pick<Parts, 'db' | 'bus' | 'clock' | 'logger'>;

interface Read {
  snapshot: Promise<Snapshot>;
  until: number;
}

export class Snapshots {
  private readonly parts: SnapshotParts;
  private readonly database: Patient<DatabaseRead>;
  private readonly bus: Patient<BusRead>;
  private last: Read | null = null;

  constructor(parts: SnapshotParts) {
    this.parts = parts;
    this.database = new Patient(parts, () => readDatabase(parts));
    this.bus = new Patient(parts, () => readBus(parts));
  }

  take(): Promise<Snapshot> {
    const now = this.parts.clock.now().getTime();
    if (!this.last || now >= this.last.until) this.last = { snapshot: this.read(), until: now + KEEP_MS };
    return this.last.snapshot;
  }

  private async read(): Promise<Snapshot> {
    const [database, bus] = await Promise.all([this.database.ask(), this.bus.ask()]);
    const now = this.parts.clock.now().getTime();
    return {
      database: database && { ...database, queue: database.queue.map((set) => shown(set, now)) },
      bus: bus && { ping_seconds: bus.ping_seconds, agents: stateCounts(bus.agents), slots: slotCounts(bus.agents) },
      stranded: database && bus && missingSets(database.queue, bus.agents).map((set) => shown(set, now)),
    };
  }
}

/** Asks and waits so long and no longer. A question that has no answer yet is not asked again: they would pile up. */
class Patient<T> {
  private readonly parts: Pick<Parts, 'clock' | 'logger'>;
  private readonly question: () => Promise<T>;
  private asked: Promise<T | null> | null = null;

  constructor(parts: Pick<Parts, 'clock' | 'logger'>, question: () => Promise<T>) {
    this.parts = parts;
    this.question = question;
  }

  async ask(): Promise<T | null> {
    this.asked ??= this.question()
      .catch((error: unknown) => {
        this.parts.logger.warn({ err: error }, 'a question for the metrics failed');
        return null;
      })
      .finally(() => {
        this.asked = null;
      });
    let cancel = () => {};
    const late = new Promise<null>((resolve) => {
      cancel = this.parts.clock.after(ANSWER_MS, () => resolve(null));
    });
    return Promise.race([this.asked, late]).finally(cancel);
  }
}

type DatabaseRead = Awaited<ReturnType<typeof readDatabase>>;

async function readDatabase({ db }: SnapshotParts) {
  const ping_seconds = await secondsOf(() => db.query('select 1'));
  const [tasks, ready, running] = await Promise.all([countOpenTasks(db), countReady(db), countRunning(db)]);
  return { ping_seconds, tasks: OPEN.map((status) => countOf(status, tasks)), queue: largestFirst(ready), running };
}

const OPEN = ['pending', 'in_progress'] as const;

function countOf(status: string, rows: readonly { status: string; count: number }[]) {
  return rows.find((row) => row.status === status) ?? { status, count: 0 };
}

type BusRead = Awaited<ReturnType<typeof readBus>>;

async function readBus({ bus }: SnapshotParts) {
  let agents: AgentStatus[] = [];
  const ping_seconds = await secondsOf(async () => {
    agents = await bus.listAgents();
  });
  return { ping_seconds, agents };
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

/** The set as a label: its words in order, joined as they are in AGENT_CAPABILITIES. */
function shown({ required_capabilities, ready, oldest_ready_at }: QueuedSet, now: number) {
  const oldest_seconds = Math.max(0, (now - Date.parse(oldest_ready_at)) / 1_000);
  return { capabilities: required_capabilities.join(','), ready, oldest_seconds };
}

function stateCounts(agents: readonly AgentStatus[]): Record<AgentState, number> {
  const counts = { available: 0, busy: 0, unavailable: 0 };
  for (const agent of agents) counts[stateOf(agent)] += 1;
  return counts;
}

function stateOf({ is_available, running, slots }: AgentStatus): AgentState {
  if (is_available) return 'available';
  return running.length >= slots ? 'busy' : 'unavailable';
}

function slotCounts(agents: readonly AgentStatus[]): { free: number; used: number } {
  const slots = { free: 0, used: 0 };
  for (const agent of agents) {
    slots.used += agent.running.length;
    if (agent.is_available) slots.free += Math.max(0, agent.slots - agent.running.length);
  }
  return slots;
}
