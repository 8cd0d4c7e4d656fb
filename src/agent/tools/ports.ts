// What the tools need from outside, handed in at start: the task's shared state, the workspace database and the search
// over earlier work. The boot layer supplies the implementations, so that no tool knows a driver.

export interface SharedState {
  get(taskId: string, key: string): Promise<{ value: unknown; version: number } | null>;
  /** With `expectedVersion`, writes only if that is the current version (0: the key is absent); `version` is then the current one. */
  set(write: SharedStateWrite): Promise<{ ok: true; version: number } | { ok: false; version: number }>;
}

export interface SharedStateWrite {
  taskId: string;
  key: string;
  value: unknown;
  expectedVersion?: number;
}

/** The database that agents may use. Both reject with a one-line message fit for the model to read. */
export interface Workspace {
  query(sql: string): Promise<{
    columns: string[];
    rows: Record<string, unknown>[];
    rowCount: number;
    truncated: boolean;
  }>;
  execute(sql: string): Promise<{ command: string; rowCount: number }>;
}

/** Earlier results and files of one user, best match first. */
export type Search = (question: { userId: string; query: string; limit: number }) => Promise<SearchHit[]>;

export interface SearchHit {
  task_id: string;
  source: string;
  title: string;
  excerpt: string;
  score: number;
}

/** Hears that a call begins; what it returns is told how it ended. */
export type ObserveCall = (call: {
  tool: string;
  /** The span of the attempt, when it is traced. */
  traceparent: string | null;
}) => (outcome: 'answered' | 'failed') => void;

/** Everything one subtask's tools may touch. */
export interface ToolContext {
  taskId: string;
  userId: string;
  subtaskId: string;
  /** Absolute path of the task's folder; it need not exist yet. */
  folder: string;
  state: SharedState;
  workspace: Workspace;
  search: Search;
  /** Private hosts that http_request may reach all the same: `host`, `host:port` or CIDR. */
  httpAllow: readonly string[];
  observe?: ObserveCall;
  /** The span of the attempt, when it is traced. */
  traceparent?: string | null;
  /** Aborts every running call: the attempt was cancelled or is over. */
  signal: AbortSignal;
}
