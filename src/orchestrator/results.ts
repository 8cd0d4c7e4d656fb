// The reports of ended attempts, from the bus into the database. Stored first, acknowledged then; what follows from them
// (notices, the search index, the final summary) may be lost in a crash, and the sweep makes up for it.
import { Batcher } from '../batcher.ts';
import type { AttemptReport } from '../domain/attempt.ts';
import { readyNotice } from '../domain/ready-notice.ts';
import { namesIn } from '../log.ts';
import { type FinishedBatch, finishAttempts } from '../store/attempts.ts';
import { attemptReport } from './bus-messages.ts';
import { Intake } from './intake.ts';
import { moveLargeOutput } from './large-output.ts';
import { linkedAbort } from './linked-abort.ts';
import { announce } from './notices.ts';
import type { Parts } from './parts.ts';
import { indexFinished } from './search-index.ts';
import { endPlainly, summariseTask } from './summary.ts';
import { isUnstorable } from './unstorable.ts';

export type ResultParts = Omit<Parts, 'isSchedulerAlive' | 'planning'>;

const BATCH = 200;

export class ResultProcessor {
  private readonly parts: ResultParts;
  private readonly intake: Intake<'agent_results'>;
  private readonly ending: ReturnType<typeof linkedAbort>;
  /** By task: a summary is written once at a time here. */
  private readonly summaries = new Map<string, Promise<void>>();
  /** By task, whether its summary is left to the model. */
  private readonly plainEnds: Batcher<string, boolean>;
  private indexing: Promise<void> = Promise.resolve();

  constructor(parts: ResultParts) {
    this.ending = linkedAbort(parts.stopping);
    this.parts = { ...parts, stopping: this.ending.signal };
    this.plainEnds = new Batcher({
      max: BATCH,
      blamesItem: isUnstorable,
      run: async (taskIds) => {
        const left = new Set(await endPlainly(this.parts, taskIds));
        return taskIds.map((id) => left.has(id));
      },
    });
    this.intake = new Intake(parts, {
      queue: 'agent_results',
      batch: BATCH,
      schema: attemptReport,
      store: (reports) => this.finish(reports),
    });
  }

  start(): void {
    this.intake.start();
  }

  /** Ends what runs: a summary that is not written yet is written by the next process. */
  async stop(): Promise<void> {
    await this.intake.stop();
    this.ending.abort();
    this.ending.release();
    await this.plainEnds.settled();
    await Promise.all([this.indexing, ...this.summaries.values()]);
  }

  /** Completes the task in the background: at once where its summary needs no model. */
  summarise(taskId: string): void {
    if (this.ending.signal.aborted) return;
    this.plainEnds
      .add(taskId)
      .then((needsModel) => {
        if (needsModel) this.askForSummary(taskId);
      })
      .catch((error: unknown) => this.tellOfSummary(error, taskId));
  }

  /** Unless that is going on already. */
  private askForSummary(taskId: string): void {
    if (this.ending.signal.aborted || this.summaries.has(taskId)) return;
    const writing = summariseTask(this.parts, taskId)
      .then(() => undefined)
      .catch((error: unknown) => this.tellOfSummary(error, taskId))
      .finally(() => this.summaries.delete(taskId));
    this.summaries.set(taskId, writing);
  }

  private tellOfSummary(error: unknown, taskId: string): void {
    if (this.ending.signal.aborted) return;
    this.parts.logger.error({ err: error, task_id: taskId }, 'the summary could not be stored; it is tried again');
  }

  private async finish(reports: readonly AttemptReport[]): Promise<void> {
    const { db, config } = this.parts;
    const stored = await Promise.all(reports.map((report) => moveLargeOutput(config.sharedFiles, report)));
    const finished = await finishAttempts(db, stored, Math.random);
    this.parts.metrics.attemptsEnded(reports, finished);
    this.note(reports, finished);
    // Superseded attempts have ended too: their slots are free.
    const touched = new Set(finished.accepted.map((key) => key.task_id));
    await Promise.all([
      announce(this.parts, 'wake', {
        ...readyNotice({ ready: finished.retried, unblocked: finished.unblocked }),
        ended: reports.map(attemptOf),
      }),
      announce(this.parts, 'events', { task_ids: [...touched] }),
      ...finished.stopped.map(({ task_id, subtask_id, attempt }) =>
        announce(this.parts, 'stop', { task_id, subtask_id, attempt }),
      ),
    ]);
    for (const taskId of finished.toSummarise) this.summarise(taskId);
    // By identity of the attempt: the database may hand back other objects than it was given.
    const accepted = new Set(finished.accepted.map(nameOf));
    this.index(reports.filter((report) => accepted.has(nameOf(report))));
  }

  private note(reports: readonly AttemptReport[], { failed }: FinishedBatch): void {
    const { logger } = this.parts;
    for (const task_id of failed) logger.info({ task_id }, 'the task failed');
    if (!logger.isLevelEnabled('debug')) return;
    for (const report of reports) {
      const { outcome } = report;
      const why = outcome.status === 'failed' ? { error: outcome.error, error_code: outcome.error_code } : {};
      logger.debug({ ...namesIn(report), status: outcome.status, ...why }, 'the attempt was reported');
    }
  }

  /** One batch after the other, beside the queue: a result is never held up by, or lost for, the index. */
  private index(reports: readonly AttemptReport[]): void {
    if (reports.length === 0) return;
    this.indexing = this.indexing
      .then(() => indexFinished(this.parts, reports))
      .catch((error: unknown) => {
        const task_ids = [...new Set(reports.map((report) => report.task_id))];
        this.parts.logger.error({ err: error, task_ids }, 'results could not be indexed for search');
      });
  }
}

function attemptOf({ agent_id, task_id, subtask_id, attempt }: AttemptReport) {
  return { agent_id, task_id, subtask_id, attempt };
}

function nameOf({ subtask_id, attempt }: Pick<AttemptReport, 'subtask_id' | 'attempt'>): string {
  return `${subtask_id}.${attempt}`;
}
