// One task as the page of a task shows it: nodes, edges, attempts, what they cost, the longest way and the time left on it.
import { criticalPath, secondsLeft } from '../domain/longest-path.ts';
import type { TaskWaiting } from '../domain/waiting.ts';
import type { TaskGraphResponse } from '../protocol/dashboard-api.ts';
import type { ResultSum } from '../store/attempt-spans.ts';
import { getTaskGraph, type TaskGraph } from '../store/task-graph.ts';
import type { Parts } from './parts.ts';
import { lookAround, type Surroundings, unknownTask, whyUnplanned, withReasons } from './task-response.ts';

/** Throws not_found. */
export async function readTaskGraph(parts: Parts, taskId: string): Promise<TaskGraphResponse> {
  const [graph, surroundings] = await Promise.all([getTaskGraph(parts.db, taskId), lookAround(parts)]);
  if (!graph) throw unknownTask(taskId);
  return toGraphResponse(graph, { ...surroundings, waiting: await whyUnplanned(parts, graph.task) });
}

function toGraphResponse(
  graph: TaskGraph,
  { waiting, ...surroundings }: Surroundings & { waiting: TaskWaiting | null },
): TaskGraphResponse {
  const { task, summary, last_event, purse, results } = graph;
  const positions = new Map(graph.subtasks.map((subtask) => [subtask.id, subtask.position]));
  const positionOf = (id: string) => positions.get(id) ?? 0;
  const spent = spendingOf(results);
  const steps = graph.subtasks.map((subtask) => ({ ...subtask, dependencies: subtask.dependencies.map(positionOf) }));
  return {
    task: { ...task, waiting, summary, ...sumOf(results) },
    last_event,
    nodes: withReasons(graph.subtasks, purse, surroundings).map((subtask, index) => ({
      ...subtask,
      ...(spent.get(subtask.id) ?? NOTHING),
      dependencies: steps[index]?.dependencies ?? [],
    })),
    critical_path: criticalPath(steps),
    attempts: graph.attempts.map(({ subtask_id, ...span }) => ({ ...span, position: positionOf(subtask_id) })),
    estimated_seconds_left: task.status === 'in_progress' ? secondsLeft(steps) : null,
  };
}

interface Spending {
  cost_usd: number;
  input_tokens: number;
  output_tokens: number;
}

const NOTHING: Spending = { cost_usd: 0, input_tokens: 0, output_tokens: 0 };

function sumOf(results: readonly Spending[]): Spending {
  return results.reduce(add, NOTHING);
}

function spendingOf(results: readonly ResultSum[]): Map<string, Spending> {
  const spent = new Map<string, Spending>();
  for (const result of results) spent.set(result.subtask_id, add(spent.get(result.subtask_id) ?? NOTHING, result));
  return spent;
}

function add(sum: Spending, one: Spending): Spending {
  return {
    cost_usd: sum.cost_usd + one.cost_usd,
    input_tokens: sum.input_tokens + one.input_tokens,
    output_tokens: sum.output_tokens + one.output_tokens,
  };
}
