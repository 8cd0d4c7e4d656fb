// Many small pieces of work as few large ones: what comes while a batch is under way goes into the next. So a single piece
// starts at once, and under load batches grow by themselves, up to a limit.

export interface BatcherOptions<In, Out> {
  /** Resolves to one answer for each item, in their order. */
  run: (items: readonly In[]) => Promise<readonly Out[]>;
  /** Items of one batch, at most. */
  max: number;
  /** Whether a batch that was refused with this error may pass without one of its items: each is then tried alone. */
  blamesItem: (error: unknown) => boolean;
  /** Called whenever nothing is left to do. */
  onIdle?: () => void;
}

interface Waiting<In, Out> {
  item: In;
  resolve: (answer: Out) => void;
  reject: (error: unknown) => void;
}

export class Batcher<In, Out> {
  private readonly options: BatcherOptions<In, Out>;
  private waiting: Waiting<In, Out>[] = [];
  private running: Promise<void> | null = null;

  constructor(options: BatcherOptions<In, Out>) {
    this.options = options;
  }

  /** Items that no batch has taken up yet. */
  get size(): number {
    return this.waiting.length;
  }

  /** Rejects with the error of its batch, or with its own where an item can be blamed. */
  add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      this.running ??= this.runAll();
    });
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await this.running;
  }

  private async runAll(): Promise<void> {
    // Together with what else is added in this turn, or by what was waiting for something that has come by now.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    while (this.waiting.length > 0) {
      const batch = this.waiting.slice(0, this.options.max);
      this.waiting = this.waiting.slice(batch.length);
      await this.runBatch(batch);
    }
    this.running = null;
    this.options.onIdle?.();
  }

  private async runBatch(batch: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const answers = await this.options.run(batch.map((one) => one.item));
      for (const [nth, one] of batch.entries()) one.resolve(answers[nth] as Out);
    } catch (error) {
      await this.refuse(batch, error);
    }
  }

  private async refuse(batch: readonly Waiting<In, Out>[], error: unknown): Promise<void> {
    if (batch.length > 1 && this.options.blamesItem(error)) for (const one of batch) await this.runBatch([one]);
    else for (const one of batch) one.reject(error);
  }
}
