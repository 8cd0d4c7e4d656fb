// The end of a task all of whose subtasks completed: its summary is written, then it is completed. Several processes may
// try; one of them completes the task, and the others' summaries are dropped.
import type { ModelTokens, SubtaskResult } from '../domain/attempt.ts';
import { getTask, type WholeTask } from '../store/task-views.ts';
import { completeTask } from '../store/tasks.ts';
import { inSpanOf } from '../telemetry/tracing.ts';
import { linkedAbort } from './linked-abort.ts';
import { announce } from './notices.ts';
import type { Parts } from './parts.ts';
import { countTokens } from './token-count.ts';

/** The model gets this long; then a plain summary does. */
export const SUMMARY_MS = 60_000;
/** Subtasks that a plain summary names. */
const LINES_MAX = 50;

type SummaryParts = Omit<Parts, 'isSchedulerAlive' | 'config'>;

/** True: this call completed the task. Rejects when the service stops or the database fails; the sweep tries again. */
export async function summariseTask(parts: SummaryParts, taskId: string): Promise<boolean> {
  const whole = await getTask(parts.db, taskId);
  if (!whole || !isDone(whole)) return false;
  const traced = { parent: whole.trace_parent, attributes: { 'muster.task_id': taskId } };
  const completed = await inSpanOf('task.summary', traced, async () => {
    const summary = await writeSummary(parts, whole);
    return completeTask(parts.db, taskId, summary);
  });
  if (!completed) return false;
  parts.metrics.taskEnded('completed');
  parts.logger.info({ task_id: taskId }, 'the task is completed');
  await announce(parts, 'events', { task_id: taskId });
  return true;
}

function isDone({ task, subtasks }: WholeTask): boolean {
  return task.status === 'in_progress' && subtasks.every((subtask) => subtask.status === 'completed');
}

interface Piece {
  subtask_id: string;
  description: string;
  output: Record<string, unknown>;
}

async function writeSummary(parts: SummaryParts, whole: WholeTask): Promise<string> {
  const results = piecesOf(whole);
  const [only] = results;
  if (only && results.length === 1) return summaryOf(only.output);
  // Nobody did anything that a model could speak of.
  if (results.every(({ output }) => output.simulated === true)) return plainSummary(results);
  const bound = linkedAbort(parts.stopping);
  const cancel = parts.clock.after(SUMMARY_MS, () => bound.abort());
  const used: ModelTokens[] = [];
  try {
    const request = { task_id: whole.task.id, description: whole.task.description, results };
    return await parts.planner.summarise(request, bound.signal, (tokens) => used.push(tokens));
  } catch (error) {
    parts.stopping.throwIfAborted();
    parts.logger.warn({ err: error, task_id: whole.task.id }, 'no summary from the model; a plain one is kept');
    return plainSummary(results);
  } finally {
    cancel();
    bound.release();
    await countTokens(parts, { taskId: whole.task.id, purpose: 'summary' }, used);
  }
}

/** In the order of the plan, which is the order in which a reader expects the answers. */
function piecesOf({ subtasks, results }: WholeTask): Piece[] {
  const completed = new Map<string, SubtaskResult>();
  for (const result of results) if (result.status === 'completed') completed.set(result.subtask_id, result);
  return subtasks.map(({ id, description }) => ({
    subtask_id: id,
    description,
    output: completed.get(id)?.output ?? {},
  }));
}

function plainSummary(results: readonly Piece[]): string {
  const lines = results.slice(0, LINES_MAX).map(({ description, output }) => `- ${description}: ${summaryOf(output)}`);
  const left = results.length - lines.length;
  const more = left > 0 ? [`- and ${left} more`] : [];
  return [`All ${results.length} subtasks completed.`, ...lines, ...more].join('\n');
}

function summaryOf(output: Record<string, unknown>): string {
  return typeof output.summary === 'string' && output.summary !== '' ? output.summary : 'completed';
}
