// From the SDK's final message to the outcome of an attempt, and so to whether it is tried again: the only place that knows
// the SDK's ways of failing.
import type { SDKAssistantMessageError, SDKResultMessage } from '@anthropic-ai/claude-agent-sdk';
import type { AttemptOutcome } from '../domain/attempt.ts';
import type { FailureCode } from '../domain/errors.ts';
import { failure } from './attempt-runner.ts';
import { outputSchema } from './output-schema.ts';

export interface Ending {
  result: SDKResultMessage;
  /** The kind of the last API error that the session reported; null when there was none. */
  apiError: SDKAssistantMessageError | null;
}

export function outcomeOf(ending: Ending): AttemptOutcome {
  const { result } = ending;
  if (result.stop_reason === 'refusal') return failure('model_refused', textOf(result, 'The model declined.'));
  if (result.subtype !== 'success')
    return failure(codeOfError(ending), textOf(result, `The session ended: ${result.subtype}.`));
  if (result.is_error) return failure(codeOfApiError(ending), textOf(result, 'The model call failed.'));
  return outcomeOfOutput(result.structured_output);
}

function outcomeOfOutput(output: unknown): AttemptOutcome {
  const parsed = outputSchema.safeParse(output);
  if (!parsed.success)
    return failure('crashed', `The agent ended without a valid result: ${parsed.error.issues[0]?.message}`);
  if (!parsed.data.success) return failure('unsuccessful', parsed.data.summary);
  return { status: 'completed', output: parsed.data };
}

function codeOfError(ending: Ending): FailureCode {
  if (ending.result.subtype === 'error_max_turns') return 'max_turns';
  if (ending.result.subtype === 'error_max_budget_usd') return 'budget_exceeded';
  return ending.apiError ? codeOfApiError(ending) : 'crashed';
}

function codeOfApiError({ result, apiError }: Ending): FailureCode {
  const status = 'api_error_status' in result ? result.api_error_status : null;
  if (status) return isPassing(status) ? 'model_overloaded' : 'model_rejected';
  return apiError ? BY_API_ERROR[apiError] : 'crashed';
}

/** Statuses after which the same request may succeed: the ones that Anthropic's own SDK retries. */
function isPassing(status: number): boolean {
  return status >= 500 || status === 408 || status === 409 || status === 429;
}

// Without a status there was no answer: a refused or broken connection is reported as server_error.
const BY_API_ERROR: Record<SDKAssistantMessageError, FailureCode> = {
  rate_limit: 'model_overloaded',
  overloaded: 'model_overloaded',
  server_error: 'model_overloaded',
  authentication_failed: 'model_rejected',
  oauth_org_not_allowed: 'model_rejected',
  account_on_hold: 'model_rejected',
  verification_required: 'model_rejected',
  billing_error: 'model_rejected',
  invalid_request: 'model_rejected',
  model_not_found: 'model_rejected',
  cloud_credential_error: 'model_rejected',
  max_output_tokens: 'crashed',
  unknown: 'crashed',
};

function textOf(result: SDKResultMessage, fallback: string): string {
  const text = result.subtype === 'success' ? result.result : result.errors.join('; ');
  return text.trim() || fallback;
}
