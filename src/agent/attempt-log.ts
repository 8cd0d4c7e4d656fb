// An agent's outgoing log lines: redacted when written, sent to the bus in batches, kept while the bus is away.
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { AttemptKey, AttemptReport } from '../domain/attempt.ts';
import type { AgentLog, LogLevel } from '../domain/log.ts';
import { type Redact, redactDeep } from '../redact.ts';

const BATCH_MS = 100;
const RETRY_MS = 1_000;
const BATCH_LINES = 200;
/** Beyond this the oldest lines are dropped: a lost log line is cheaper than an agent out of memory. */
const WAITING_MAX = 10_000;

/** Writes one line of one attempt. Never throws, never waits. */
export type AttemptLog = (level: LogLevel, message: string, metadata: LogMetadata) => void;

export interface LogMetadata {
  kind: LogKind;
  [key: string]: unknown;
}

export type LogKind =
  | 'attempt_started'
  | 'attempt_ended'
  | 'session'
  | 'text'
  | 'thinking'
  | 'tool_call'
  | 'tool_result'
  | 'model_retry'
  | 'rate_limit'
  | 'notice';

export interface LogOutboxOptions {
  agentId: string;
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
  redact: Redact;
  onError(error: unknown): void;
}

export class LogOutbox {
  private readonly options: LogOutboxOptions;
  private readonly lines: AgentLog[] = [];
  private sending: Promise<void> | null = null;
  private cancelTimer: (() => void) | null = null;
  private closed = false;

  constructor(options: LogOutboxOptions) {
    this.options = options;
  }

  logFor(key: AttemptKey): AttemptLog {
    const { agentId: agent_id, clock, redact } = this.options;
    return (level, message, metadata) =>
      this.add({
        agent_id,
        ...key,
        level,
        message: redact(message),
        metadata: redactDeep({ ...metadata }, redact),
        time: clock.now().toISOString(),
      });
  }

  /** Sends what is waiting. Resolves also when the bus refused it; the lines then wait for the next try. */
  async flush(): Promise<void> {
    this.cancelTimer?.();
    this.cancelTimer = null;
    this.sending ??= this.send().finally(() => {
      this.sending = null;
    });
    await this.sending;
  }

  /** Sends what is waiting, once; what the bus refuses now is lost. */
  async close(): Promise<void> {
    await this.flush();
    this.closed = true;
    this.cancelTimer?.();
  }

  private add(line: AgentLog): void {
    this.lines.push(line);
    if (this.lines.length > WAITING_MAX) this.lines.shift();
    this.sendIn(BATCH_MS);
  }

  private sendIn(ms: number): void {
    if (this.closed) return;
    this.cancelTimer ??= this.options.clock.after(ms, () => void this.flush());
  }

  private async send(): Promise<void> {
    while (this.lines.length > 0) {
      const batch = this.lines.splice(0, BATCH_LINES);
      try {
        await this.options.bus.publish('agent_logs', batch);
      } catch (error) {
        this.lines.unshift(...batch);
        this.options.onError(error);
        this.sendIn(RETRY_MS);
        return;
      }
    }
  }
}

/** The last line of an attempt: how it ended, and what it used. */
export function logEnd(log: AttemptLog, { attempt, outcome, usage }: AttemptReport): void {
  const { unknown: _, ...used } = usage;
  const metadata = { kind: 'attempt_ended', status: outcome.status, ...used } as const;
  if (outcome.status === 'completed') log('INFO', `Attempt ${attempt} completed: ${outcome.output.summary}`, metadata);
  else if (outcome.status === 'handed_back') log('WARN', `Attempt ${attempt} handed back: ${outcome.reason}`, metadata);
  else log('ERROR', `Attempt ${attempt} failed: ${outcome.error}`, { ...metadata, error_code: outcome.error_code });
}
