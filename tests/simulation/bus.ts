// The bus in virtual time: the real memory bus behind a network that delays, loses and repeats notices, delivers reports
// late or twice, can be cut, and behind a server that can forget everything.
import { setMaxListeners } from 'node:events';
import type { Bus, ConsumeOptions, NoticeName, Notices, QueueName, Queues } from '../../src/bus/bus.ts';
import { createMemoryBus } from '../../src/bus/memory.ts';
import type { AttemptReport } from '../../src/domain/attempt.ts';
import type { Dice } from '../support/dice.ts';
import type { Process, Timeline } from './timeline.ts';

/** A batch that its consumer has not acknowledged after this long goes to another. */
const CLAIM_MS = 5_000;

interface Subscription {
  listen: () => Promise<() => void>;
  drop: () => void;
}

export class BusServer {
  /** Percentages of the notices. */
  lost = 0;
  repeated = 5;
  downUntil = 0;
  /** So many of the next publications take place although their sender hears that they failed. */
  unanswered = 0;
  /** Every report ever published. */
  readonly reports: AttemptReport[] = [];
  private readonly cuts = new Map<Process, number>();
  private readonly subscriptions = new Set<Subscription>();
  private forgets = forgetting();
  private inner: Bus;
  private readonly timeline: Timeline;
  private readonly dice: Dice;

  constructor(timeline: Timeline, dice: Dice) {
    this.timeline = timeline;
    this.dice = dice;
    this.inner = createMemoryBus(timeline.clock);
  }

  heal(): void {
    this.lost = 0;
    this.downUntil = 0;
    this.unanswered = 0;
    this.cuts.clear();
  }

  /** Between this process and the bus nothing passes until then. */
  cut(process: Process, until: number): void {
    this.cuts.set(process, until);
  }

  /** FLUSHALL: queues, registry and state are gone, subscriptions stay. */
  async flush(): Promise<void> {
    this.forgets.abort();
    this.forgets = forgetting();
    this.inner = createMemoryBus(this.timeline.clock);
    for (const subscription of this.subscriptions) subscription.drop = await subscription.listen();
  }

  /** A report that was published before comes again. */
  async deliverAgain(report: AttemptReport): Promise<void> {
    await this.inner.publish('agent_results', [report]);
  }

  connect(process: Process): Bus {
    const { timeline } = this;
    const ask = async <T>(work: (inner: Bus) => Promise<T>): Promise<T> => {
      await timeline.hop(process);
      if (!this.reaches(process)) throw new Error('the bus does not answer');
      const answer = await timeline.perform(timeline.delay(), null, () => work(this.inner));
      await timeline.hop(process);
      return answer;
    };
    return {
      publish: (queue, messages) => ask(() => this.publish(process, queue, messages)),
      consume: (queue, options, handle) => this.consume(process, queue, { options, handle }),
      notify: (notice, payload) => ask(() => this.notify(notice, payload)),
      subscribe: (notice, listener) => ask(() => this.subscribe(process, notice, listener)),
      putAgent: (status, ttlMs) => ask((inner) => inner.putAgent(status, ttlMs)),
      removeAgent: (agentId) => ask((inner) => inner.removeAgent(agentId)),
      listAgents: () => ask((inner) => inner.listAgents()),
      findAgents: (ids) => ask((inner) => inner.findAgents(ids)),
      getState: (taskId, key) => ask((inner) => inner.getState(taskId, key)),
      setState: (write) => ask((inner) => inner.setState(write)),
      close: async () => undefined,
    };
  }

  private reaches(process: Process): boolean {
    return this.downUntil <= this.timeline.now && (this.cuts.get(process) ?? 0) <= this.timeline.now;
  }

  private async publish<Q extends QueueName>(
    process: Process,
    queue: Q,
    messages: readonly Queues[Q][],
  ): Promise<void> {
    // Nobody reads the logs here.
    if (queue === 'agent_logs') return;
    const reports = messages as readonly AttemptReport[];
    for (const { subtask_id, attempt, outcome } of reports)
      this.timeline.note(`${process.name} reports ${subtask_id}:${attempt} ${outcome.status}`);
    this.reports.push(...structuredClone(reports));
    await this.inner.publish('agent_results', reports);
    if (this.unanswered === 0) return;
    this.unanswered -= 1;
    throw new Error('the answer of the bus was lost');
  }

  private async notify<N extends NoticeName>(notice: N, payload: Notices[N]): Promise<void> {
    const copies = this.dice(100) < this.lost ? 0 : this.dice(100) < this.repeated ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1)
      this.timeline.after(this.timeline.delay(), null, () => this.inner.notify(notice, payload));
  }

  private async subscribe<N extends NoticeName>(
    process: Process,
    notice: N,
    listener: (payload: Notices[N]) => void,
  ): Promise<() => void> {
    const heard = (payload: Notices[N]) => {
      if (this.reaches(process)) this.timeline.after(this.timeline.delay(), process, () => listener(payload));
    };
    const subscription: Subscription = { listen: () => this.inner.subscribe(notice, heard), drop: () => undefined };
    subscription.drop = await subscription.listen();
    this.subscriptions.add(subscription);
    const end = () => {
      subscription.drop();
      this.subscriptions.delete(subscription);
    };
    process.onDeath.push(end);
    return end;
  }

  /** One loop on each bus that there is, one after the other, until the process stops to consume or dies. */
  private async consume<Q extends QueueName>(
    process: Process,
    queue: Q,
    { options, handle }: { options: ConsumeOptions; handle: (messages: Queues[Q][]) => Promise<void> },
  ): Promise<void> {
    const over = new AbortController();
    process.onDeath.push(() => over.abort());
    options.signal.addEventListener('abort', () => over.abort());
    while (!over.signal.aborted) {
      const signal = either(over.signal, this.forgets.signal);
      await this.inner.consume(queue, { ...options, signal }, (messages) => this.handOver(process, messages, handle));
    }
  }

  /** Rejects when the consumer died or takes too long, so that the batch goes to another. */
  private async handOver<T>(process: Process, messages: T[], handle: (messages: T[]) => Promise<void>): Promise<void> {
    const { timeline } = this;
    if (!this.reaches(process)) throw new Error('the consumer cannot be reached');
    await new Promise<void>((resolve, reject) => {
      const giveUp = () => reject(new Error('the batch was not acknowledged'));
      const cancel = timeline.after(CLAIM_MS, null, giveUp);
      process.onDeath.push(giveUp);
      void timeline
        .hop(process)
        .then(() => handle(messages))
        .then(() => timeline.hop(process))
        .then(resolve, reject)
        .finally(cancel);
    });
  }
}

/** Every consumer listens to it. */
function forgetting(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}

function either(...signals: AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) controller.abort();
    signal.addEventListener('abort', () => controller.abort(), { once: true });
  }
  return controller.signal;
}
