// What each action of a history does to the simulated system.
import type { AgentProcess } from './agent-process.ts';
import type { BusServer } from './bus.ts';
import type { DatabaseServer } from './database.ts';
import type { Action } from './history.ts';
import type { OrchestratorProcess } from './orchestrator-process.ts';
import { kill, type Timeline } from './timeline.ts';

export interface System {
  readonly timeline: Timeline;
  readonly database: DatabaseServer;
  readonly bus: BusServer;
  readonly agents: readonly AgentProcess[];
  readonly orchestrators: readonly OrchestratorProcess[];
  /** Ids of the tasks submitted so far. */
  readonly tasks: string[];
  /** How long the next orchestrator that dies is away. */
  restartMs: number;
  /** While false, what still waits to go wrong no longer does. */
  turmoil: boolean;
}

type Effects = { [Name in Action['do']]: (system: System, action: Extract<Action, { do: Name }>) => unknown };

/** Resolves when the servers have taken it in; what processes make of it is up to them. */
export async function takePlace(system: System, action: Action): Promise<void> {
  system.timeline.note(JSON.stringify(action));
  const effect = EFFECTS[action.do] as (system: System, action: Action) => unknown;
  await effect(system, action);
}

/** A drained agent has left by then. */
const DRAINED_MS = 8_000;

const EFFECTS: Effects = {
  submit: (system, { plan, by }) => {
    const id = `task_${system.tasks.length + 1}`;
    system.tasks.push(id);
    one(system.orchestrators, by)?.submit(id, plan);
  },
  cancel: (system, { task, by }) => one(system.orchestrators, by)?.cancel(one(system.tasks, task) ?? 'task_none'),
  retry: (system, { task, by }) => one(system.orchestrators, by)?.retry(one(system.tasks, task) ?? 'task_none'),
  'agent answers': (system, { agent, manner, forMs }) => {
    const named = one(system.agents, agent);
    if (!named) return;
    named.manner = manner;
    inTurmoil(system, forMs, () => {
      named.manner = 'accepts';
    });
  },
  'agent ends': (system, { agent, ending }) => one(system.agents, agent)?.endings.push(ending),
  'agent restarts': (system, { agent, afterMs }) => {
    const named = one(system.agents, agent);
    if (!named) return;
    kill(named.process);
    comeBack(system, named, afterMs);
  },
  'agent drains': (system, { agent, afterMs }) => {
    const named = one(system.agents, agent);
    if (!named) return;
    named.drain();
    comeBack(system, named, DRAINED_MS + afterMs);
  },
  'agent freezes': (system, { agent, forMs }) => freeze(system, one(system.agents, agent), forMs),
  'agent is cut off': (system, { agent, forMs }) => cut(system, one(system.agents, agent), forMs),
  'agent clock jumps': (system, { agent, ms }) => jump(one(system.agents, agent), ms),
  'orchestrator dies': (system, { orchestrator, afterMs }) => {
    const named = one(system.orchestrators, orchestrator);
    system.restartMs = afterMs;
    if (named) kill(named.process);
  },
  'orchestrator stops': (system, { orchestrator, afterMs }) => {
    system.restartMs = afterMs;
    one(system.orchestrators, orchestrator)?.stop();
  },
  'orchestrator freezes': (system, { orchestrator, forMs }) =>
    freeze(system, one(system.orchestrators, orchestrator), forMs),
  'orchestrator is cut off': (system, { orchestrator, forMs }) =>
    cut(system, one(system.orchestrators, orchestrator), forMs),
  'clock jumps': (system, { orchestrator, ms }) => jump(one(system.orchestrators, orchestrator), ms),
  statement: ({ database }, { fault, after }) => database.plan(fault, after),
  'database is down': ({ database, timeline }, { forMs }) => {
    database.downUntil = timeline.now + forMs;
  },
  'bus empties': ({ bus }) => bus.flush(),
  'bus is down': ({ bus, timeline }, { forMs }) => {
    bus.downUntil = timeline.now + forMs;
  },
  'bus does not answer': ({ bus }, { times }) => {
    bus.unanswered += times;
  },
  'notices are lost': ({ bus }, { percent }) => {
    bus.lost = percent;
  },
  'report comes again': ({ bus }, { report }) => {
    const again = one(bus.reports, report);
    return again && bus.deliverAgain(again);
  },
};

function one<T>(many: readonly T[], index: number): T | undefined {
  return many[index % Math.max(1, many.length)];
}

type Named = Pick<AgentProcess, 'process'> | undefined;

function freeze({ timeline }: System, named: Named, forMs: number): void {
  if (named) named.process.stoppedUntil = timeline.now + forMs;
}

function cut({ bus, timeline }: System, named: Named, forMs: number): void {
  if (named) bus.cut(named.process, timeline.now + forMs);
}

function jump(named: Named, ms: number): void {
  if (named) named.process.skewMs += ms;
}

function comeBack(system: System, agent: AgentProcess, ms: number): void {
  const { process } = agent;
  // Also after the turmoil: one that was still draining then is gone only now.
  system.timeline.after(ms, null, () => {
    if (agent.process === process) agent.start();
  });
}

function inTurmoil(system: System, ms: number, act: () => void): void {
  system.timeline.after(ms, null, () => {
    if (system.turmoil) act();
  });
}
