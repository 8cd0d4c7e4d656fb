// Reads what a session reports: everything the model says and calls becomes a log line; tokens are counted; in the end stands
// an outcome. What the final message means is left to verdict.ts.
import type {
  SDKAssistantMessage,
  SDKAssistantMessageError,
  SDKMessage,
  SDKResultMessage,
  SDKUserMessage,
} from '@anthropic-ai/claude-agent-sdk';
import type { ModelTokens } from '../domain/attempt.ts';
import type { AttemptLog } from './attempt-log.ts';
import { type AttemptFailure, type AttemptResult, failure, type ModelUsage, NO_USAGE } from './attempt-runner.ts';
import { cut } from './cut.ts';
import { LoopGuard } from './loop-guard.ts';
import { outcomeOf } from './verdict.ts';

const TEXT_MAX = 16_000;
const TOOL_MAX = 4_000;
const FINAL_TOOL = 'StructuredOutput';

type ContentBlock = SDKAssistantMessage['message']['content'][number];
type UserBlock = Exclude<SDKUserMessage['message']['content'], string>[number];
type ToolResult = Extract<UserBlock, { type: 'tool_result' }>;

export class Transcript {
  private readonly log: AttemptLog;
  private readonly guard = new LoopGuard();
  private readonly toolNames = new Map<string, string>();
  private readonly usageByMessage = new Map<string, ModelTokens>();
  private asked = false;
  private result: SDKResultMessage | null = null;
  private apiError: SDKAssistantMessageError | null = null;
  private stopped: AttemptFailure | null = null;

  constructor(log: AttemptLog) {
    this.log = log;
  }

  /** True once nothing more is worth waiting for. */
  get ended(): boolean {
    return this.result !== null || this.stopped !== null;
  }

  /** From now on the model may be at work, whether or not it is heard of. */
  begin(): void {
    this.asked = true;
  }

  read(message: SDKMessage): void {
    if (message.type === 'assistant') this.readAssistant(message);
    else if (message.type === 'user') this.readUser(message.message.content);
    else if (message.type === 'result') this.result = message;
    else this.readNotice(message);
  }

  /** The session broke off without a final message. */
  broke(reason: string): void {
    if (!this.ended) this.stopped = failure('crashed', reason);
  }

  conclude(): AttemptResult {
    const { result, apiError } = this;
    const ending = result ? outcomeOf({ result, apiError }) : failure('crashed', 'The session ended without a result.');
    return { outcome: this.stopped ?? ending, usage: this.usage() };
  }

  private readAssistant({ message, error }: SDKAssistantMessage): void {
    if (error) this.apiError = error;
    const { input_tokens, cache_read_input_tokens, cache_creation_input_tokens, output_tokens } = message.usage;
    this.usageByMessage.set(message.id, {
      input_tokens: input_tokens + (cache_read_input_tokens ?? 0) + (cache_creation_input_tokens ?? 0),
      output_tokens,
    });
    for (const block of message.content) this.readBlock(block, error);
  }

  private readBlock(block: ContentBlock, error: SDKAssistantMessageError | undefined): void {
    if (block.type === 'text') {
      this.log(error ? 'ERROR' : 'INFO', cut(block.text, TEXT_MAX), { kind: 'text', ...(error && { error }) });
    } else if (block.type === 'thinking' && block.thinking) {
      this.log('DEBUG', cut(block.thinking, TEXT_MAX), { kind: 'thinking' });
    } else if (block.type === 'tool_use') {
      this.readCall(block);
    }
  }

  private readCall(call: { id: string; name: string; input: unknown }): void {
    const tool = call.name.replace(/^mcp__muster__/, '');
    this.toolNames.set(call.id, tool);
    // A result of the wrong form is the SDK's to count: it has a limit of its own.
    if (tool !== FINAL_TOOL) this.guard.called(call.id, tool, call.input);
    const input = cut(JSON.stringify(call.input) ?? '', TOOL_MAX);
    this.log('INFO', `${tool} ${input}`, { kind: 'tool_call', tool, call_id: call.id });
  }

  private readUser(content: SDKUserMessage['message']['content']): void {
    if (typeof content === 'string') return;
    for (const block of content) {
      if (block.type === 'tool_result') this.readAnswer(block);
      else if (block.type === 'text') this.log('DEBUG', cut(block.text, TEXT_MAX), { kind: 'notice' });
    }
  }

  private readAnswer(answer: ToolResult): void {
    const tool = this.toolNames.get(answer.tool_use_id) ?? 'unknown tool';
    const isError = answer.is_error === true;
    const text = cut(answerText(answer.content), TOOL_MAX);
    this.log(isError ? 'WARN' : 'INFO', `${tool} ${isError ? 'failed' : 'answered'}: ${text}`, {
      kind: 'tool_result',
      tool,
      call_id: answer.tool_use_id,
      is_error: isError,
    });
    const loop = this.guard.answered(answer.tool_use_id, { isError, text });
    if (loop) this.stopped = failure('unsuccessful', loop);
  }

  private readNotice(message: SDKMessage): void {
    if (message.type === 'rate_limit_event') {
      const { rate_limit_info: info } = message;
      if (info.status !== 'allowed')
        this.log('WARN', `The model's rate limit: ${info.status}`, { kind: 'rate_limit', ...info });
    } else if (message.type === 'system' && message.subtype === 'api_retry') {
      const { attempt, error_status, retry_delay_ms, error } = message;
      this.log('WARN', `The model call is tried again: ${error_status ?? error}`, {
        kind: 'model_retry',
        attempt,
        retry_delay_ms,
      });
    } else if (message.type === 'system' && message.subtype === 'permission_denied') {
      this.log('WARN', `A tool was not allowed: ${message.tool_name}`, { kind: 'notice', tool: message.tool_name });
    } else if (message.type === 'system' && message.subtype === 'informational') {
      this.log('INFO', cut(message.content, TEXT_MAX), { kind: 'notice' });
    }
  }

  /**
   * As the final message has it. Without one, what the model's messages said so far, and one turn for the answer that may
   * have been under way; nothing says what they cost. Turns are counted here, since the SDK's `num_turns` is one more than
   * the answers that its own `maxTurns` allows.
   */
  private usage(): ModelUsage {
    if (!this.asked) return NO_USAGE;
    const turns = this.usageByMessage.size;
    if (!this.result)
      return { ...NO_USAGE, ...sum([...this.usageByMessage.values()]), turns: turns + 1, unknown: ['cost_usd'] };
    const models = Object.values(this.result.modelUsage).map((model) => ({
      input_tokens: model.inputTokens + model.cacheReadInputTokens + model.cacheCreationInputTokens,
      output_tokens: model.outputTokens,
    }));
    return { ...sum(models), cost_usd: this.result.total_cost_usd, turns, unknown: [] };
  }
}

function answerText(content: ToolResult['content']): string {
  if (content === undefined || typeof content === 'string') return content ?? '';
  return content.map((block) => (block.type === 'text' ? block.text : `(${block.type})`)).join('\n');
}

function sum(tokens: readonly ModelTokens[]): ModelTokens {
  return {
    input_tokens: tokens.reduce((total, one) => total + one.input_tokens, 0),
    output_tokens: tokens.reduce((total, one) => total + one.output_tokens, 0),
  };
}
