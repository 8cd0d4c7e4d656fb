// An output that is too large for a row is kept in the task's folder; the row keeps a reference to it.
import {
  type AttemptOutput,
  type AttemptReport,
  OUTPUT_INLINE_MAX_BYTES,
  type OutputReference,
} from '../domain/attempt.ts';
import { taskFolder, writeWhole } from './task-files.ts';

/** Characters of the summary that stay in the row. */
const SUMMARY_MAX = 2_000;

/** Returns the report as it is to be stored. The file's name carries the attempt: a superseded one overwrites nothing. */
export async function moveLargeOutput(sharedFiles: string, report: AttemptReport): Promise<AttemptReport> {
  if (report.outcome.status !== 'completed') return report;
  const { output } = report.outcome;
  const text = JSON.stringify(output);
  const bytes = Buffer.byteLength(text);
  if (bytes <= OUTPUT_INLINE_MAX_BYTES) return report;
  const file = `results/${report.subtask_id}.${report.attempt}.json`;
  await writeWhole(taskFolder(sharedFiles, report.task_id), file, text);
  return { ...report, outcome: { status: 'completed', output: referTo(output, { file, bytes }) } };
}

/** Still readable as an output, so that no reader needs a second way. */
function referTo(output: AttemptOutput, place: { file: string; bytes: number }): AttemptOutput & OutputReference {
  return { ...output, ...place, summary: output.summary.slice(0, SUMMARY_MAX), data: {} };
}
