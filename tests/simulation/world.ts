// The whole system in virtual time, two orchestrators and four agents, and one history played on it.
import { type Dispatcher, getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import type { ExecuteRequest } from '../../src/protocol/agent-api.ts';
import { createDice, type Dice } from '../support/dice.ts';
import { judge, readHistory } from '../support/judge.ts';
import { AgentProcess, type AgentTraits } from './agent-process.ts';
import { BusServer } from './bus.ts';
import { DatabaseServer, type Engine } from './database.ts';
import { type History, TURMOIL_MS } from './history.ts';
import { loadDice } from './load-dice.ts';
import { createNetwork } from './network.ts';
import { OrchestratorProcess } from './orchestrator-process.ts';
import { type System, takePlace } from './take-place.ts';
import { kill, Timeline } from './timeline.ts';

/** Any subtask can be run by somebody. */
const CREW: AgentTraits[] = [
  {
    id: 'agent_1',
    port: 9001,
    slots: 2,
    capabilities: [
      'data_analysis',
      'web_scraping',
      'code_generation',
      'file_processing',
      'database_operations',
      'api_integration',
    ],
  },
  { id: 'agent_2', port: 9002, slots: 1, capabilities: ['data_analysis', 'code_generation'] },
  { id: 'agent_3', port: 9003, slots: 3, capabilities: ['web_scraping', 'api_integration', 'data_analysis'] },
  { id: 'agent_4', port: 9004, slots: 1, capabilities: ['file_processing', 'database_operations', 'code_generation'] },
];
const ORCHESTRATORS = 2;

/** In which everything must have ended once nothing goes wrong any more. */
const PATIENCE_MS = 600_000;
/** Afterwards, for what is late and for attempts that nobody waits for. */
const AFTERMATH_MS = 20_000;

export interface Told {
  /** Empty when all is well. */
  wrong: string[];
  log: string[];
  counts: { tasks: number; events: number; statements: number };
}

export async function play(engine: Engine, history: History): Promise<Told> {
  const unload = loadDice(history.seed);
  const world = new World(engine, history);
  const usual = getGlobalDispatcher();
  setGlobalDispatcher(world.network);
  try {
    return await world.play();
  } finally {
    await world.end();
    setGlobalDispatcher(usual);
    unload();
  }
}

class World implements System {
  readonly network: Dispatcher;
  private readonly wrong: string[] = [];
  readonly timeline: Timeline;
  readonly database: DatabaseServer;
  readonly bus: BusServer;
  readonly agents: AgentProcess[];
  readonly orchestrators: OrchestratorProcess[] = [];
  readonly tasks: string[] = [];
  private readonly history: History;
  private readonly dice: Dice;
  /** Attempts that were taken, and by which instance. */
  private readonly taken = new Map<string, unknown>();
  private readonly engine: Engine;
  private unended = 0;
  turmoil = true;
  private over = false;
  /** How long the next orchestrator that dies is away. */
  restartMs = 1_000;
  private started = 0;

  constructor(engine: Engine, history: History) {
    this.engine = engine;
    this.history = history;
    this.dice = createDice(history.seed);
    this.timeline = new Timeline(this.dice);
    this.database = new DatabaseServer(engine, this.timeline);
    this.database.onCommit = () => this.look();
    this.bus = new BusServer(this.timeline, this.dice);
    this.agents = CREW.map(
      (traits) =>
        new AgentProcess(traits, {
          timeline: this.timeline,
          bus: this.bus,
          dice: this.dice,
          onAccept: (agent, request) => this.onAccept(agent, request),
        }),
    );
    this.network = createNetwork(this.timeline, (url) =>
      this.agents.find((agent) => agent.traits.port === Number(url.port)),
    );
  }

  async play(): Promise<Told> {
    await this.engine.script('truncate tasks, leases cascade;');
    for (let place = 0; place < ORCHESTRATORS; place += 1) this.hire(place);
    for (const agent of this.agents) agent.start();
    for (const { at, action } of this.history.actions) this.timeline.after(at, null, () => takePlace(this, action));
    await this.timeline.run(TURMOIL_MS);
    this.heal();
    await this.timeline.run(this.timeline.now + PATIENCE_MS, () => this.isQuiet);
    await this.aftermath();
    await this.end();
    const broken = await judge(this.engine, await readHistory(this.engine), CREW);
    this.wrong.push(...Object.entries(broken).map(([rule, found]) => `not so: ${rule}: ${JSON.stringify(found)}`));
    return { wrong: this.wrong, log: this.timeline.log, counts: await this.counts() };
  }

  private get isQuiet(): boolean {
    return this.unended === 0 && this.orchestrators.every(({ process, busy }) => !process.alive || busy === 0);
  }

  /** Everybody dies, and the database ends what they began. */
  async end(): Promise<void> {
    this.over = true;
    for (const { process } of [...this.agents, ...this.orchestrators]) kill(process);
    await this.timeline.run(this.timeline.now);
  }

  /** What ended must stay as it is, whatever still comes; and nobody works any more. */
  private async aftermath(): Promise<void> {
    const before = await this.snapshot();
    for (const report of this.bus.reports) await this.bus.deliverAgain(report);
    await this.timeline.run(this.timeline.now + AFTERMATH_MS);
    if (before !== (await this.snapshot())) this.wrong.push('something changed after every task had ended');
    for (const { traits, holds } of this.agents)
      if (holds.length > 0) this.wrong.push(`${traits.id} still works: ${JSON.stringify(holds)}`);
  }

  private async snapshot(): Promise<string> {
    const rows: { all: string }[] = [];
    // A transaction may be open: in its turn, as everybody.
    const reader = this.database.connect({ name: 'reader', alive: true, stoppedUntil: 0, skewMs: 0, onDeath: [] });
    const read = reader.query<{ all: string }>(
      `select concat((select string_agg(t::text, ' ' order by id) from tasks t),
         (select string_agg(s::text, ' ' order by id) from subtasks s),
         (select string_agg(e::text, ' ' order by task_id, seq) from events e)) as all`,
    );
    void read.then((found) => rows.push(...found));
    await this.timeline.run(this.timeline.now + 30_000, () => rows.length > 0);
    return rows[0]?.all ?? 'never read';
  }

  private hire(place: number): void {
    this.started += 1;
    this.orchestrators[place] = new OrchestratorProcess(`orchestrator_${place + 1}.${this.started}`, {
      timeline: this.timeline,
      database: this.database,
      bus: this.bus,
      onViolation: (what) => this.wrong.push(what),
    });
    this.watchOver(place);
  }

  /** Starts a dead one again after a while, as a supervisor would. */
  private watchOver(place: number): void {
    const { process } = this.orchestrators[place]!;
    process.onDeath.push(() => {
      if (!this.over) this.timeline.after(this.turmoil ? this.restartMs : 0, null, () => this.hire(place));
    });
  }

  private heal(): void {
    this.timeline.note('heals');
    this.turmoil = false;
    this.database.heal();
    this.bus.heal();
    for (const { process } of this.orchestrators) process.stoppedUntil = 0;
    for (const agent of this.agents) {
      agent.manner = 'accepts';
      agent.endings.length = 0;
      agent.clumsiness = 0;
      agent.process.stoppedUntil = 0;
      if (!agent.process.alive) agent.start();
    }
  }

  private onAccept(agent: AgentProcess, { subtask, attempt }: ExecuteRequest): void {
    const name = `${subtask.id}:${attempt}`;
    const by = this.taken.get(name) ?? agent.process;
    this.taken.set(name, by);
    if (by !== agent.process) this.wrong.push(`two agents took ${name}`);
    const { id, slots, capabilities } = agent.traits;
    if (agent.atWork > slots) this.wrong.push(`${id} works on ${agent.atWork} attempts with ${slots} slots`);
    if (!subtask.required_capabilities.every((needed) => capabilities.includes(needed)))
      this.wrong.push(`${id} took ${name}, which needs ${subtask.required_capabilities}`);
  }

  /** After each commit. */
  private async look(): Promise<void> {
    const [row] = await this.engine.query<{ unended: number; over: string[] | null }>(
      `select (select count(*)::int from tasks where status in ('pending', 'in_progress')) as unended,
         (select array_agg(agent_id || ' runs ' || n) from (
            select agent_id, count(*)::int as n from subtasks where status = 'running' group by agent_id) as r
          join jsonb_to_recordset($1::jsonb) as c (id text, slots int) on c.id = r.agent_id and r.n > c.slots) as over`,
      [JSON.stringify(CREW)],
    );
    this.unended = row?.unended ?? 0;
    for (const over of row?.over ?? []) this.wrong.push(`at ${this.timeline.now}: ${over} by the rows`);
  }

  private async counts(): Promise<Told['counts']> {
    const [row] = await this.database.ask<{ tasks: number; events: number }>(
      'select (select count(*)::int from tasks) as tasks, (select count(*)::int from events) as events',
    );
    return { tasks: row?.tasks ?? 0, events: row?.events ?? 0, statements: this.timeline.log.length };
  }
}
