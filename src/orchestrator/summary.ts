// The end of a task all of whose subtasks completed: its summary is written, then it is completed. Several processes may
// try; one of them completes the task, and the others' summaries are dropped.
import type { ModelTokens, SubtaskResult } from '../domain/attempt.ts';
import { completeTask, completeTasks, listSummaryPieces, type SummaryPiece } from '../store/task-completion.ts';
import { getTask, type WholeTask } from '../store/task-views.ts';
import { inSpanOf } from '../telemetry/tracing.ts';
import { linkedAbort } from './linked-abort.ts';
import { announce } from './notices.ts';
import type { Parts } from './parts.ts';
import { countTokens } from './token-count.ts';

/** The model gets this long; then a plain summary does. */
export const SUMMARY_MS = 60_000;
/** Subtasks that a plain summary names. */
const LINES_MAX = 50;

/** For an agent that found no words. */
const COMPLETED = 'completed';

type PlainParts = Pick<Parts, 'db' | 'bus' | 'logger' | 'metrics'>;
type SummaryParts = Omit<Parts, 'isSchedulerAlive' | 'config' | 'planning'>;

/**
 * Completes those of the tasks that need no model for their summary, all at once: with one subtask, whose words do, or with
 * simulated work only, since nobody did anything that a model could speak of. Returns the ids of the others.
 */
export async function endPlainly(parts: PlainParts, taskIds: readonly string[]): Promise<string[]> {
  const pieces = new Map<string, SummaryPiece[]>(taskIds.map((id) => [id, []]));
  for (const piece of await listSummaryPieces(parts.db, taskIds)) pieces.get(piece.task_id)?.push(piece);
  const plain = [...pieces].flatMap(([id, ofTask]) => (isPlain(ofTask) ? [{ id, summary: plainly(ofTask) }] : []));
  const completed = plain.length === 0 ? [] : await completeTasks(parts.db, plain);
  if (completed.length > 0) {
    parts.metrics.taskEnded('completed', completed.length);
    await announce(parts, 'events', { task_ids: completed });
  }
  const ended = new Set(plain.map((end) => end.id));
  return taskIds.filter((id) => !ended.has(id) && pieces.get(id)?.length);
}

function isPlain(pieces: readonly SummaryPiece[]): boolean {
  return pieces.length === 1 || (pieces.length > 0 && pieces.every((piece) => piece.simulated));
}

function plainly(pieces: readonly SummaryPiece[]): string {
  const [only] = pieces;
  return only && pieces.length === 1 ? only.summary || COMPLETED : plainSummary(pieces);
}

/**
 * Completes a task with a summary by the model. True: this call completed it. Rejects when the service stops or the
 * database fails; the sweep tries again.
 */
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
  parts.logger.debug({ task_id: taskId }, 'the task is completed');
  await announce(parts, 'events', { task_ids: [taskId] });
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
  const bound = linkedAbort(parts.stopping);
  const cancel = parts.clock.after(SUMMARY_MS, () => bound.abort());
  const used: ModelTokens[] = [];
  try {
    const request = { task_id: whole.task.id, description: whole.task.description, results };
    return await parts.planner.summarise(request, bound.signal, (tokens) => used.push(tokens));
  } catch (error) {
    parts.stopping.throwIfAborted();
    parts.logger.warn({ err: error, task_id: whole.task.id }, 'no summary from the model; a plain one is kept');
    return plainSummary(results.map(({ description, output }) => ({ description, summary: summaryOf(output) })));
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

function plainSummary(pieces: readonly Pick<SummaryPiece, 'description' | 'summary'>[]): string {
  const lines = pieces
    .slice(0, LINES_MAX)
    .map(({ description, summary }) => `- ${description}: ${summary || COMPLETED}`);
  const left = pieces.length - lines.length;
  const more = left > 0 ? [`- and ${left} more`] : [];
  return [`All ${pieces.length} subtasks completed.`, ...lines, ...more].join('\n');
}

function summaryOf({ summary }: Record<string, unknown>): string | null {
  return typeof summary === 'string' ? summary : null;
}
