// Makes finished work findable: the outputs of completed attempts, and the text files that were written meanwhile.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptReport } from '../domain/attempt.ts';
import { INDEXED_MAX, indexDocuments, type SearchDocument } from '../store/search.ts';
import type { Parts } from './parts.ts';
import { listFiles, readText, taskFolder } from './task-files.ts';

const TITLE_MAX = 200;
/** Larger files are data rather than text to be found by its words. */
const FILE_MAX_BYTES = 1_000_000;
/** Agents measure their time by clocks of their own. */
const CLOCK_SKEW_MS = 5_000;

export async function indexFinished(
  parts: Pick<Parts, 'db' | 'clock' | 'config'>,
  reports: readonly AttemptReport[],
): Promise<void> {
  // Rehearsed work found nothing out: it must not turn up between what is known.
  const real = reports.filter(({ outcome }) => !(outcome.status === 'completed' && outcome.output.simulated));
  const documents = real.flatMap(outputDocument);
  for (const [taskId, since] of writingTimes(parts.clock.now(), real)) {
    documents.push(...(await fileDocuments(parts.config.sharedFiles, taskId, since)));
  }
  if (documents.length > 0) await indexDocuments(parts.db, documents);
}

function outputDocument({ outcome, ...key }: AttemptReport): SearchDocument[] {
  if (outcome.status !== 'completed') return [];
  const { summary, data } = outcome.output;
  const source = `result:${key.subtask_id}`;
  const body = `${summary}\n${JSON.stringify(data).slice(0, INDEXED_MAX)}`;
  return [{ task_id: key.task_id, source, title: summary.slice(0, TITLE_MAX), body }];
}

/** For each task, when the earliest of its finished attempts began. */
function writingTimes(now: Date, reports: readonly AttemptReport[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { task_id, usage } of reports) {
    const began = now.getTime() - usage.execution_time * 1_000 - CLOCK_SKEW_MS;
    times.set(task_id, Math.min(times.get(task_id) ?? began, began));
  }
  return times;
}

async function fileDocuments(sharedFiles: string, taskId: string, since: number): Promise<SearchDocument[]> {
  const folder = taskFolder(sharedFiles, taskId);
  const documents: SearchDocument[] = [];
  for (const { path } of await listFiles(folder, 'output')) {
    // A file that is gone by now, or became a link, is not indexed.
    const found = await stat(join(folder, path)).catch(() => null);
    if (!found || found.mtimeMs < since) continue;
    const body = await readText(folder, path, FILE_MAX_BYTES).catch(() => null);
    if (body !== null) documents.push({ task_id: taskId, source: `file:${path}`, title: path, body });
  }
  return documents;
}
