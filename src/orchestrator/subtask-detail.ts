// One subtask as the API shows it in full: the stored rows, and the reason why it waits.
import { AppError } from '../domain/errors.ts';
import { MAX_FAILURES } from '../domain/subtask.ts';
import type { SubtaskDetailResponse } from '../protocol/dashboard-api.ts';
import { getSubtask, type SubtaskKey } from '../store/subtask-detail.ts';
import type { Parts } from './parts.ts';
import { completedOf, findStatus, lookAround, reasonOf } from './task-response.ts';

/** Throws not_found, naming whichever of the two ids is unknown. */
export async function readSubtask(parts: Parts, key: SubtaskKey): Promise<SubtaskDetailResponse> {
  const [detail, surroundings] = await Promise.all([getSubtask(parts.db, key), lookAround(parts)]);
  if (!detail) throw await whyMissing(parts, key);
  const { purse, ...shown } = detail;
  const waiting = reasonOf(shown.subtask, { completed: completedOf(shown.inputs), purse }, surroundings);
  return { ...shown, subtask: { ...shown.subtask, waiting }, attempts_max: MAX_FAILURES };
}

/** Rejects when it is the task that is missing. */
async function whyMissing(parts: Parts, { task_id, subtask_id }: SubtaskKey): Promise<AppError> {
  await findStatus(parts, task_id);
  const message = `task ${task_id} has no subtask ${JSON.stringify(subtask_id.slice(0, 100))}: the task shows those that it has`;
  return new AppError('not_found', message, { field: 'subtask_id' });
}
