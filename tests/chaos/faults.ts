// What goes wrong, when and for how long: a schedule that the seed alone decides, and how each fault is done to a cluster and
// undone. Faults of different targets overlap; those of one target take their turn.
import { setTimeout as pause } from 'node:timers/promises';
import type { LinkState } from '../support/link.ts';
import type { Cluster } from './cluster.ts';
import type { Random } from './random.ts';
import type { Service } from './service.ts';

export interface Fault {
  /** Milliseconds after the start of the run. */
  at: number;
  kind: Kind;
  /** Which of its kind's targets, counted round. */
  target: number;
  /** Until it is undone. */
  forMs: number;
}

interface FaultKind {
  /** How often it is drawn, beside the others. */
  weight: number;
  /** The longest it lasts; now and then `rareMs`. */
  mostMs: number;
  rareMs?: number;
  /** What it is done to: faults of the same place take their turn. */
  place: (cluster: Cluster, target: number) => string;
  run: (cluster: Cluster, fault: Fault) => Promise<void>;
}

const RARE = 0.04;

/** Half of them strike the few orchestrators. */
const serviceAt = ({ orchestrators, agents }: Cluster, target: number) => {
  const services = target % 2 ? orchestrators : agents;
  return services[Math.floor(target / 2) % services.length] as Service;
};
const serviceName = (cluster: Cluster, target: number) => serviceAt(cluster, target).name;
const linkAt = ({ links }: Cluster, target: number) => links[target % links.length] as Cluster['links'][number];
const linkName = (cluster: Cluster, target: number) => linkAt(cluster, target).name;

const KINDS = {
  kill: {
    weight: 10,
    mostMs: 2_000,
    rareMs: 8_000,
    place: serviceName,
    async run(cluster, { target, forMs }) {
      const service = serviceAt(cluster, target);
      await service.kill();
      await pause(forMs);
      await service.start();
    },
  },
  terminate: {
    weight: 4,
    mostMs: 2_000,
    place: serviceName,
    async run(cluster, { target, forMs }) {
      const service = serviceAt(cluster, target);
      await service.stop();
      await pause(forMs);
      await service.start();
    },
  },
  freeze: {
    weight: 8,
    mostMs: 7_000,
    rareMs: 9_000,
    place: serviceName,
    async run(cluster, { target, forMs }) {
      const service = serviceAt(cluster, target);
      service.signal('SIGSTOP');
      await pause(forMs);
      service.signal('SIGCONT');
    },
  },
  'flush redis': {
    weight: 4,
    mostMs: 0,
    place: () => 'redis',
    run: (cluster) => cluster.redis.flush(),
  },
  'repeat results': {
    weight: 5,
    mostMs: 1_500,
    place: () => 'redis',
    run: ({ redis }, { forMs }) => redis.repeat('agent_results', forMs),
  },
  'restart redis': {
    weight: 3,
    mostMs: 3_000,
    rareMs: 30_000,
    place: () => 'redis',
    async run({ redis }, { forMs }) {
      await redis.stop('SIGKILL');
      await pause(forMs);
      await redis.start();
    },
  },
  'freeze redis': {
    weight: 2,
    mostMs: 3_000,
    place: () => 'redis',
    async run({ redis }, { forMs }) {
      redis.signal('SIGSTOP');
      await pause(forMs);
      redis.signal('SIGCONT');
    },
  },
  'crash postgres': {
    weight: 2,
    mostMs: 2_000,
    rareMs: 10_000,
    place: () => 'postgres',
    async run({ postgres }, { forMs }) {
      await postgres.stop('SIGQUIT');
      await pause(forMs);
      await postgres.start();
    },
  },
  'restart postgres': {
    weight: 2,
    mostMs: 2_000,
    place: () => 'postgres',
    async run({ postgres }, { forMs }) {
      await postgres.stop('SIGINT');
      await pause(forMs);
      await postgres.start();
    },
  },
  'terminate backends': {
    weight: 4,
    mostMs: 0,
    place: () => 'postgres',
    run: ({ postgres }) => postgres.terminateBackends(),
  },
  cut: linkFault('cut', 6),
  stall: linkFault('stalled', 4),
  deafen: linkFault('deaf', 4),
} as const satisfies Record<string, FaultKind>;

type Kind = keyof typeof KINDS;

function linkFault(state: LinkState, weight: number): FaultKind {
  return {
    weight,
    mostMs: 6_000,
    rareMs: 12_000,
    place: linkName,
    async run(cluster, { target, forMs }) {
      linkAt(cluster, target).set(state);
      await pause(forMs);
      linkAt(cluster, target).set('up');
    },
  };
}

const weights = Object.fromEntries(Object.entries(KINDS).map(([name, { weight }]) => [name, weight])) as Record<
  Kind,
  number
>;

/** `count` faults, spread over the time of the run. */
export function planFaults(random: Random, { count, durationMs }: { count: number; durationMs: number }): Fault[] {
  const stepMs = durationMs / count;
  return Array.from({ length: count }, (_, nth) => {
    const kind = random.weighted(weights);
    const { mostMs, rareMs = mostMs }: FaultKind = KINDS[kind];
    const longestMs = random.chance(RARE) ? rareMs : mostMs;
    return {
      at: Math.round((nth + random.next()) * stepMs),
      kind,
      target: random.between(0, 999),
      forMs: random.between(Math.min(200, longestMs), longestMs),
    };
  });
}

/** Does every fault in its time; resolves when all are undone. What cannot be done or undone is trouble. */
export async function injectFaults(
  cluster: Cluster,
  faults: readonly Fault[],
  log: (line: string) => void,
): Promise<void> {
  const startedAt = Date.now();
  const places = new Map<string, Promise<void>>();
  for (const [nth, fault] of faults.entries()) {
    await pause(Math.max(0, startedAt + fault.at - Date.now()));
    const kind: FaultKind = KINDS[fault.kind];
    const place = kind.place(cluster, fault.target);
    const inject = async () => {
      log(`fault ${nth + 1}/${faults.length}: ${fault.kind}, ${place}${fault.forMs ? `, for ${fault.forMs} ms` : ''}`);
      await kind.run(cluster, fault).catch((error: Error) => {
        cluster.troubles.push(`fault ${nth + 1} (${fault.kind}, ${place}) failed: ${error.message}`);
      });
    };
    places.set(place, (places.get(place) ?? Promise.resolve()).then(inject));
  }
  await Promise.all(places.values());
}
