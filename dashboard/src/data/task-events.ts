// Brings a task's graph up to date by its events. Pure: what an event says is applied at once; what only the database can
// know afterwards (a new plan, waiting reasons, costs) is called stale, and whoever holds the graph reads it again.
import type { EventType, SubtaskStatus, TaskStatus } from '../../../src/domain/transitions.ts';
import { SUBTASK_TRANSITIONS, TASK_TRANSITIONS } from '../../../src/domain/transitions.ts';
import type { AttemptSpan, GraphNode, TaskGraphResponse } from '../../../src/protocol/dashboard-api.ts';

export interface SeenEvent {
  seq: number;
  type: EventType;
  subtask_id: string | null;
  data: Readonly<Record<string, unknown>>;
  created_at: string;
}

export interface Applied {
  graph: TaskGraphResponse;
  /** Whether the graph has to be read again to be complete. */
  stale: boolean;
}

interface Draft {
  graph: TaskGraphResponse;
  /** Index in `graph.nodes` by id. */
  places: ReadonlyMap<string, number>;
  stale: boolean;
}

/** Events that the graph already includes change nothing; a gap in their numbers makes it stale. */
export function applyEvents(graph: TaskGraphResponse, events: readonly SeenEvent[]): Applied {
  const fresh = events.filter((event) => event.seq > graph.last_event);
  if (fresh.length === 0) return { graph, stale: false };
  const draft: Draft = {
    graph: { ...graph, nodes: [...graph.nodes], attempts: [...graph.attempts] },
    places: new Map(graph.nodes.map((node, place) => [node.id, place])),
    stale: false,
  };
  for (const event of fresh) applyEvent(draft, event);
  return { graph: draft.graph, stale: draft.stale };
}

function applyEvent(draft: Draft, event: SeenEvent): void {
  if (event.seq <= draft.graph.last_event) return;
  if (event.seq !== draft.graph.last_event + 1) draft.stale = true;
  draft.graph.last_event = event.seq;
  if (event.subtask_id === null) applyToTask(draft, event);
  else applyToSubtask(draft, event, event.subtask_id);
}

function applyToTask(draft: Draft, event: SeenEvent): void {
  const transition = Object.values(TASK_TRANSITIONS).find((one) => one.event === event.type);
  // Planned, ended or retried: plan, summary and error are in the database.
  draft.stale = true;
  if (transition) draft.graph.task = { ...draft.graph.task, ...movedTask(transition.to, event) };
  // A run begins.
  if (transition?.to === 'in_progress') draft.graph.task = { ...draft.graph.task, started_at: event.created_at };
}

function movedTask(status: TaskStatus, event: SeenEvent) {
  const ended = status === 'completed' || status === 'failed' || status === 'cancelled';
  return { status, updated_at: event.created_at, finished_at: ended ? event.created_at : null };
}

function applyToSubtask(draft: Draft, event: SeenEvent, id: string): void {
  const place = draft.places.get(id);
  const node = place === undefined ? undefined : draft.graph.nodes[place];
  const transition = Object.values(SUBTASK_TRANSITIONS).find((one) => one.event === event.type);
  if (place === undefined || !node || !transition) {
    draft.stale = true;
    return;
  }
  draft.graph.nodes[place] = move(node, transition.to, event);
  draft.graph.attempts = withAttempt(draft.graph.attempts, draft.graph.nodes[place], event);
  // Waiting reasons, costs and the time left follow from it.
  draft.stale = true;
}

type Moves = { [Status in SubtaskStatus]: (node: GraphNode, event: SeenEvent) => Partial<GraphNode> };

/** What else changes with the status; exhaustive, so a new status has to say. */
const MOVES: Moves = {
  pending: () => ({ error: null, finished_at: null, ready_at: null }),
  ready: (node, event) => ({
    ready_at: event.created_at,
    started_at: null,
    finished_at: null,
    agent_id: null,
    error: textOf(event, 'error'),
    failures: event.type === SUBTASK_TRANSITIONS.backOff.event ? node.failures + 1 : node.failures,
  }),
  running: (node, event) => ({
    attempt: numberOf(event, 'attempt') ?? node.attempt + 1,
    agent_id: textOf(event, 'agent_id'),
    started_at: event.created_at,
    error: null,
  }),
  completed: (_node, event) => ({ finished_at: event.created_at, error: null }),
  failed: (node, event) => ({
    finished_at: event.created_at,
    error: textOf(event, 'error'),
    failures: node.failures + 1,
  }),
  blocked: (_node, event) => ({ finished_at: event.created_at }),
  cancelled: (_node, event) => ({ finished_at: event.created_at }),
};

function move(node: GraphNode, status: SubtaskStatus, event: SeenEvent): GraphNode {
  return { ...node, status, waiting: null, ...MOVES[status](node, event) };
}

type Outcome = AttemptSpan['outcome'];

const OUTCOMES: Partial<Record<EventType, Outcome>> = {
  [SUBTASK_TRANSITIONS.complete.event]: 'completed',
  [SUBTASK_TRANSITIONS.fail.event]: 'failed',
  [SUBTASK_TRANSITIONS.backOff.event]: 'failed',
  [SUBTASK_TRANSITIONS.release.event]: 'released',
  [SUBTASK_TRANSITIONS.cancel.event]: 'cancelled',
};

/** A claim begins a span; whatever ends the attempt ends it. */
function withAttempt(attempts: readonly AttemptSpan[], node: GraphNode, event: SeenEvent): AttemptSpan[] {
  if (event.type === SUBTASK_TRANSITIONS.claim.event) return [...attempts, beginning(node, event)];
  const outcome = OUTCOMES[event.type];
  if (!outcome) return [...attempts];
  return attempts.map((span) =>
    span.position === node.position && span.ended_at === null ? { ...span, outcome, ended_at: event.created_at } : span,
  );
}

function beginning(node: GraphNode, event: SeenEvent): AttemptSpan {
  return {
    position: node.position,
    attempt: node.attempt,
    agent_id: node.agent_id ?? '',
    ready_at: node.ready_at ?? event.created_at,
    started_at: event.created_at,
    ended_at: null,
    outcome: 'running',
    error_code: null,
  };
}

function textOf(event: SeenEvent, name: string): string | null {
  const value = event.data[name];
  return typeof value === 'string' ? value : null;
}

function numberOf(event: SeenEvent, name: string): number | null {
  const value = event.data[name];
  return typeof value === 'number' ? value : null;
}
