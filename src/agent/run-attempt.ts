// One attempt with the Claude Agent SDK, from the task's folder to the outcome. The session's ways are left to session.ts, the
// reading of what it says to transcript.ts, the tools to tools/.
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import type { AttemptLog } from './attempt-log.ts';
import type { AttemptResult, AttemptWork } from './attempt-runner.ts';
import { FILES_MAX, userPrompt } from './prompt.ts';
import type { Session } from './session.ts';
import { isCapped, type SessionPool } from './session-pool.ts';
import { grantedTools } from './tools/grants.ts';
import type { ToolContext } from './tools/ports.ts';
import { listInside } from './tools/task-folder.ts';
import { createToolServer } from './tools/tool-server.ts';
import { Transcript } from './transcript.ts';

/** What tools reach beyond the task's folder. */
export type ToolPorts = Pick<ToolContext, 'state' | 'workspace' | 'search' | 'httpAllow' | 'observe'>;

export interface AttemptParts {
  pool: SessionPool;
  ports: ToolPorts;
  /** Folder of the tasks' folders. */
  sharedFiles: string;
}

export interface Attempt {
  work: AttemptWork;
  /** Aborting it kills the session and every tool call at once. */
  signal: AbortSignal;
  log: AttemptLog;
}

export async function runAttempt(parts: AttemptParts, attempt: Attempt): Promise<AttemptResult> {
  const { work, log } = attempt;
  const over = new AbortController();
  const signal = AbortSignal.any([attempt.signal, over.signal]);
  const transcript = new Transcript(log);
  try {
    const folder = await openTaskFolder(parts.sharedFiles, work.task_id);
    const prompt = userPrompt(work, await listInside(folder, '', FILES_MAX + 1));
    const tools = createToolServer(
      toolContext(parts.ports, { work, folder, signal }),
      grantedTools(work.required_capabilities),
    );
    const session = await openSession(parts.pool, { ...attempt, signal });
    transcript.begin();
    await converse(session, { transcript, messages: session.ask(prompt, tools) });
  } catch (error) {
    transcript.broke(messageOf(error));
  } finally {
    over.abort();
    // One with limits used none that waited.
    if (!isCapped(work.caps)) parts.pool.startAhead();
  }
  return transcript.conclude();
}

async function openTaskFolder(sharedFiles: string, taskId: string): Promise<string> {
  const folder = resolve(sharedFiles, taskId);
  await mkdir(join(folder, 'input'), { recursive: true });
  await mkdir(join(folder, 'output'), { recursive: true });
  return folder;
}

function toolContext(ports: ToolPorts, use: { work: AttemptWork; folder: string; signal: AbortSignal }): ToolContext {
  const { work, folder, signal } = use;
  const { task_id: taskId, user_id: userId, subtask_id: subtaskId, traceparent = null } = work;
  return { ...ports, taskId, userId, subtaskId, folder, traceparent, signal };
}

/** A session that is up, closed when the signal aborts. One that was started ahead and failed is replaced, not mourned. */
async function openSession(pool: SessionPool, { work, signal, log }: Attempt): Promise<Session> {
  const startedAt = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const { session, warm } = pool.take(work.caps);
    signal.addEventListener('abort', () => session.close(), { once: true });
    try {
      await session.ready;
      const waited_ms = Math.round(performance.now() - startedAt);
      log('DEBUG', `Session ready after ${waited_ms} ms`, { kind: 'session', warm, waited_ms });
      return session;
    } catch (error) {
      if (!warm) throw new Error(explain(error, session), { cause: error });
      log('WARN', 'The session started ahead had failed; starting another', { kind: 'session', warm });
    }
  }
}

async function converse(
  session: Session,
  talk: { transcript: Transcript; messages: AsyncIterable<SDKMessage> },
): Promise<void> {
  try {
    for await (const message of talk.messages) {
      talk.transcript.read(message);
      // Closed before the loop is left: leaving it would first give the child time for further model calls.
      if (talk.transcript.ended) return session.close();
    }
  } catch (error) {
    throw new Error(explain(error, session), { cause: error });
  }
}

function explain(error: unknown, session: Session): string {
  const words = session.lastWords;
  return words ? `${messageOf(error)} (${words})` : messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
