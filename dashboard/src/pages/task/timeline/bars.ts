// The timeline's arithmetic: for each subtask the stretches of time it spent waiting, queued, backing off and running, on a
// scale that runs from the task's first start to its end, or to now.
import type { AttemptSpan, GraphNode, TaskGraphResponse } from '../../../../../src/protocol/dashboard-api.ts';

export type BarKind = 'waiting' | 'queued' | 'backing off' | 'running';

export interface Bar {
  kind: BarKind;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  /** Of the attempt that waited or ran; null while it waits for dependencies. */
  attempt: number | null;
  outcome: AttemptSpan['outcome'] | null;
}

export interface Row {
  node: GraphNode;
  bars: Bar[];
  /** Position of the dependency that finished last: what it waited for in the end. */
  waitedFor: number | null;
}

export interface Timeline {
  from: number;
  to: number;
  /** In order of their first attempt; what has not begun comes last. */
  rows: Row[];
}

export function timelineOf({ task, nodes, attempts }: TaskGraphResponse, now: number): Timeline {
  // A retry begins a new run of the task; the attempts of earlier ones are shown too.
  const from = attempts.reduce(
    (first, { ready_at }) => Math.min(first, Date.parse(ready_at)),
    Date.parse(task.started_at ?? task.created_at),
  );
  const to = Math.max(from + 1_000, task.finished_at ? Date.parse(task.finished_at) : now);
  const spans = spansByPosition(attempts);
  const rows = nodes.map((node): Row => {
    const own = spans.get(node.position) ?? [];
    return { node, bars: barsOf({ node, spans: own, from, to }), waitedFor: lastDependency(node, nodes) };
  });
  return { from, to, rows: rows.sort((a, b) => beginningOf(a) - beginningOf(b) || a.node.position - b.node.position) };
}

function spansByPosition(attempts: readonly AttemptSpan[]): ReadonlyMap<number, AttemptSpan[]> {
  const spans = new Map<number, AttemptSpan[]>();
  for (const span of attempts) {
    const own = spans.get(span.position);
    if (own) own.push(span);
    else spans.set(span.position, [span]);
  }
  for (const own of spans.values()) own.sort((a, b) => a.attempt - b.attempt);
  return spans;
}

interface Waiting {
  node: GraphNode;
  spans: readonly AttemptSpan[];
  from: number;
  to: number;
}

function barsOf({ node, spans, from, to }: Waiting): Bar[] {
  const firstReady = spans[0]?.ready_at ?? node.ready_at ?? node.finished_at;
  const bars: Bar[] = [
    { kind: 'waiting', from, to: firstReady ? Date.parse(firstReady) : to, attempt: null, outcome: null },
    ...spans.flatMap((span, nth) => barsOfAttempt(span, { nth, to })),
  ];
  if (node.status === 'ready' && node.ready_at) {
    const kind = spans.length > 0 && node.failures > 0 ? 'backing off' : 'queued';
    bars.push({ kind, from: Date.parse(node.ready_at), to, attempt: node.attempt + 1, outcome: null });
  }
  return bars.filter((bar) => bar.to > bar.from);
}

function barsOfAttempt(span: AttemptSpan, { nth, to }: { nth: number; to: number }): Bar[] {
  const { attempt, outcome } = span;
  const started = Date.parse(span.started_at);
  const ended = span.ended_at ? Date.parse(span.ended_at) : to;
  return [
    {
      kind: nth === 0 ? 'queued' : 'backing off',
      from: Date.parse(span.ready_at),
      to: started,
      attempt,
      outcome: null,
    },
    // An attempt that ended at once is still an attempt.
    { kind: 'running', from: started, to: Math.max(ended, started + 1), attempt, outcome },
  ];
}

function lastDependency(node: GraphNode, nodes: readonly GraphNode[]): number | null {
  const ended = (position: number) => nodes[position]?.finished_at ?? '';
  return node.dependencies.reduce<number | null>(
    (last, position) => (last === null || ended(position) > ended(last) ? position : last),
    null,
  );
}

function beginningOf({ bars }: Row): number {
  return bars.find((bar) => bar.kind === 'running')?.from ?? Number.MAX_SAFE_INTEGER;
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400, 604_800];

/** Milliseconds since the start at which the scale has a mark: round numbers, at most `most` of them. */
export function marksOf(lengthMs: number, most: number): number[] {
  const step = 1_000 * (STEPS_S.find((seconds) => lengthMs / (1_000 * seconds) <= most) ?? lengthMs / 1_000);
  return Array.from({ length: Math.floor(lengthMs / step) + 1 }, (_, nth) => nth * step);
}
