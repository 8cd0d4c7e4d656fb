// The summary of a task by rules: what each subtask reported, in order. It adds no judgement of its own.
import { isObject, jsonSections, textSection } from './prompt.ts';
import type { Conversation } from './request.ts';

const MARK = ' (offline model)';

export function summarise(conversation: Conversation): string {
  const prompt = conversation.userTexts.join('\n');
  const task = textSection(prompt, 'task') ?? '';
  const results = jsonSections(prompt, 'result');
  if (results.length === 0) return `There are no results to summarise.${MARK}`;
  const lines = results.map(
    ({ attributes, value }) => `- ${attributes.description ?? attributes.subtask_id}: ${summaryOf(value)}`,
  );
  const opening = `${results.length} ${results.length === 1 ? 'result' : 'results'} for "${task.slice(0, 200)}":`;
  return [opening, ...lines, `Put together by rules from what each subtask reported.${MARK}`].join('\n');
}

function summaryOf(value: unknown): string {
  if (!isObject(value)) return String(value).slice(0, 500);
  const summary = typeof value.summary === 'string' ? value.summary.replaceAll(MARK, '') : 'no summary';
  return value.success === false ? `not done: ${summary}` : summary;
}
