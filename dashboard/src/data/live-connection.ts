// One connection of server-sent events, kept alive: opened again after a drop with growing pauses, resumed after the last
// event that arrived, closed while nobody looks. React knows it through use-live.ts.

export type LiveState =
  | { kind: 'connecting' }
  | { kind: 'live' }
  /** Since when nothing is heard. */
  | { kind: 'away'; since: number }
  | { kind: 'off' };

export interface LiveOptions {
  /** The address of the stream; `after` is the id of the last event that arrived, if one has. */
  url: (after: string | null) => string;
  /** Names of the events to hear. */
  events: readonly string[];
  onEvent: (event: { name: string; id: string; data: string }) => void;
  onState: (state: LiveState) => void;
}

/** What it needs of its surroundings: the browser's, or a test's. */
export interface LiveWorld {
  open(url: string): EventSource;
  now(): number;
  after(ms: number, work: () => void): () => void;
  random(): number;
}

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 15_000;

export const browserWorld: LiveWorld = {
  open: (url) => new EventSource(url),
  now: Date.now,
  after(ms, work) {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

export class LiveConnection {
  private readonly options: LiveOptions;
  private readonly world: LiveWorld;
  private source: EventSource | null = null;
  private cancelRetry = () => {};
  private lastId: string | null = null;
  private failures = 0;
  private awaySince: number | null = null;

  constructor(options: LiveOptions, world: LiveWorld = browserWorld) {
    this.options = options;
    this.world = world;
  }

  start(): void {
    if (this.source) return;
    this.cancelRetry();
    if (this.awaySince === null) this.options.onState({ kind: 'connecting' });
    const source = this.world.open(this.options.url(this.lastId));
    this.source = source;
    source.onopen = () => this.opened();
    source.onerror = () => this.dropped();
    for (const name of this.options.events) source.addEventListener(name, (event) => this.heard(name, event));
  }

  /** What arrived stays known: a later start goes on after it. */
  stop(): void {
    this.cancelRetry();
    this.source?.close();
    this.source = null;
    this.awaySince = null;
    this.options.onState({ kind: 'off' });
  }

  private opened(): void {
    this.failures = 0;
    this.awaySince = null;
    this.options.onState({ kind: 'live' });
  }

  private heard(name: string, event: MessageEvent<string>): void {
    if (event.lastEventId) this.lastId = event.lastEventId;
    this.options.onEvent({ name, id: event.lastEventId, data: event.data });
  }

  /** The browser's own reconnecting gives up on an answer of 502, so it is done here. */
  private dropped(): void {
    this.source?.close();
    this.source = null;
    this.failures += 1;
    this.awaySince ??= this.world.now();
    // The first drop may be the end of what was streamed, or be mended at once: no need to alarm anybody.
    if (this.failures > 1) this.options.onState({ kind: 'away', since: this.awaySince });
    const pause = Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.failures - 1));
    this.cancelRetry = this.world.after(pause * (0.5 + this.world.random() / 2), () => this.start());
  }
}
