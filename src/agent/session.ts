// One session of the Claude Agent SDK: a child process, good for one attempt. It is the same whether it was started ahead or
// on demand: generic until `ask` gives it its tools and its message. When to start one is left to session-pool.ts.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type McpServerConfig,
  type Options,
  type PermissionMode,
  type SDKMessage,
  type SDKUserMessage,
  type SpawnOptions,
  startup,
  type WarmQuery,
} from '@anthropic-ai/claude-agent-sdk';
import { ATTEMPT_TURNS_MAX } from '../domain/budget.ts';
import type { AttemptCaps } from './attempt-runner.ts';
import { type ChildEnvironmentOptions, childEnvironment } from './child-environment.ts';
import { OUTPUT_JSON_SCHEMA } from './output-schema.ts';
import { SYSTEM_PROMPT } from './prompt.ts';
import { type GuardedChild, spawnGuarded } from './spawn-guarded.ts';

const START_MS = 30_000;
/** The name of the tools' MCP server. */
const SERVER = 'muster';

export interface SessionSettings extends ChildEnvironmentOptions {
  model: string;
  permissionMode: PermissionMode;
}

export class Session {
  /** Resolves when the child is up; rejects when it could not start or was closed meanwhile. */
  readonly ready: Promise<void>;
  /** Resolves when the child has exited and its folder is removed. */
  readonly gone: Promise<void>;
  private readonly settings: SessionSettings;
  private readonly caps: AttemptCaps;
  private readonly opening: Promise<WarmQuery>;
  private readonly closing = new AbortController();
  private folder: string | undefined;
  private child: GuardedChild | undefined;
  private handle: { close(): void } | undefined;

  constructor(settings: SessionSettings, caps: AttemptCaps = {}) {
    this.settings = settings;
    this.caps = caps;
    this.opening = this.open();
    this.ready = this.opening.then(() => {});
    this.gone = this.ready.catch(() => this.close()).then(() => this.leave());
  }

  get alive(): boolean {
    return !this.closing.signal.aborted && this.child?.exitCode === null && !this.child.signalCode;
  }

  /** The end of what the child wrote to standard error. */
  get lastWords(): string {
    return this.child?.lastWords() ?? '';
  }

  /** Sends the one message of this session; yields what the SDK reports until it ends, fails or is closed. */
  async *ask(prompt: string, tools: McpServerConfig): AsyncGenerator<SDKMessage> {
    const warm = await this.opening;
    let release = () => {};
    const granted = new Promise<void>((resolve) => {
      release = resolve;
    });
    const query = warm.query(this.messages(prompt, granted));
    this.handle = query;
    const { errors } = await query.setMcpServers({ [SERVER]: tools });
    if (errors[SERVER]) throw new Error(`The session could not take its tools: ${errors[SERVER]}`);
    release();
    yield* query;
  }

  /** Kills the child and all it started, at once, in whatever state it is. */
  close(): void {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    // The SDK first, so that it takes the exit for what it is; left alone it would give the child two seconds.
    this.handle?.close();
    this.child?.killGroup();
  }

  private async open(): Promise<WarmQuery> {
    this.folder = await mkdtemp(join(tmpdir(), 'muster-session-'));
    this.closing.signal.throwIfAborted();
    const warm = await startup({ options: this.options(this.folder), initializeTimeoutMs: START_MS });
    this.handle ??= warm;
    if (this.closing.signal.aborted) warm.close();
    return warm;
  }

  private options(folder: string): Options {
    return {
      cwd: folder,
      env: childEnvironment(this.settings, folder),
      model: this.settings.model,
      permissionMode: this.settings.permissionMode,
      allowDangerouslySkipPermissions: this.settings.permissionMode === 'bypassPermissions',
      systemPrompt: SYSTEM_PROMPT,
      // Text of strangers stands in the message: `@path` and `/command` in it must stay text.
      verbatimPrompts: true,
      outputFormat: { type: 'json_schema', schema: OUTPUT_JSON_SCHEMA },
      maxTurns: Math.min(this.caps.max_turns ?? ATTEMPT_TURNS_MAX, ATTEMPT_TURNS_MAX),
      ...(this.caps.max_budget_usd !== undefined && { maxBudgetUsd: this.caps.max_budget_usd }),
      tools: [],
      allowedTools: [`mcp__${SERVER}`],
      strictMcpConfig: true,
      settingSources: [],
      persistSession: false,
      spawnClaudeCodeProcess: (spawning) => this.spawn(spawning),
    };
  }

  private spawn(spawning: SpawnOptions): GuardedChild {
    this.closing.signal.throwIfAborted();
    this.child = spawnGuarded(spawning, this.folder);
    return this.child;
  }

  // Kept open until the session is closed: at the end of its input the SDK would stop serving slow tools.
  private async *messages(prompt: string, granted: Promise<void>): AsyncGenerator<SDKUserMessage> {
    await granted;
    yield { type: 'user', message: { role: 'user', content: prompt }, parent_tool_use_id: null };
    const { signal } = this.closing;
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  }

  private async leave(): Promise<void> {
    await this.child?.gone;
    if (!this.folder) return;
    // What cannot be removed stays behind in the system's temporary folder; no attempt fails over it.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }
}
