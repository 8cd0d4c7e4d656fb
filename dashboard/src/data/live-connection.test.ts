// The connection against an event source and a clock that the test moves.
import { expect, it } from 'vitest';
import { LiveConnection, type LiveState } from './live-connection.ts';

class FakeSource extends EventTarget {
  onopen = () => {};
  onerror = () => {};
  closed = false;
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
  }

  close() {
    this.closed = true;
  }

  hear(name: string, lastEventId: string, data = '{}') {
    this.dispatchEvent(new MessageEvent(name, { data, lastEventId }));
  }
}

function createWorld() {
  const sources: FakeSource[] = [];
  const timers: { ms: number; work: () => void }[] = [];
  const states: LiveState[] = [];
  const heard: string[] = [];
  let now = 1_000;
  const connection = new LiveConnection(
    {
      url: (after) => `/stream?after=${after ?? 0}`,
      events: ['tick'],
      onEvent: (event) => heard.push(event.id),
      onState: (state) => states.push(state),
    },
    {
      open(url) {
        const source = new FakeSource(url);
        sources.push(source);
        return source as unknown as EventSource;
      },
      now: () => now,
      after(ms, work) {
        const timer = { ms, work };
        timers.push(timer);
        return () => void timers.splice(timers.indexOf(timer), 1);
      },
      random: () => 1,
    },
  );
  const last = () => sources.at(-1) as FakeSource;
  const retry = () => {
    const timer = timers.shift();
    now += timer?.ms ?? 0;
    timer?.work();
    return timer?.ms;
  };
  return { connection, sources, timers, states, heard, last, retry };
}

it('is live once the stream is open, and passes events on', () => {
  const world = createWorld();
  world.connection.start();
  world.last().onopen();
  world.last().hear('tick', '7');
  expect(world.states).toEqual([{ kind: 'connecting' }, { kind: 'live' }]);
  expect(world.heard).toEqual(['7']);
});

it('resumes after the last event, with growing pauses, and says since when it is away', () => {
  const world = createWorld();
  world.connection.start();
  world.last().onopen();
  world.last().hear('tick', '7');
  world.last().onerror();
  expect(world.states.at(-1)).toEqual({ kind: 'live' });
  const pauses = [1, 2, 3].map(() => {
    const ms = world.retry();
    world.last().onerror();
    return ms;
  });
  expect(pauses).toEqual([500, 1_000, 2_000]);
  expect(world.last().url).toBe('/stream?after=7');
  expect(world.states.at(-1)).toEqual({ kind: 'away', since: 1_000 });
  world.retry();
  world.last().onopen();
  expect(world.states.at(-1)).toEqual({ kind: 'live' });
});

it('closes for good when stopped, and goes on where it was when started again', () => {
  const world = createWorld();
  world.connection.start();
  world.last().hear('tick', '3');
  world.last().onerror();
  world.connection.stop();
  expect(world.timers).toEqual([]);
  expect(world.sources.every((source) => source.closed)).toBe(true);
  world.connection.start();
  expect(world.last().url).toBe('/stream?after=3');
});
