// The tools for tasks. Each says what the HTTP route of the same meaning says, in a form that fits a model's context.
import type { Role } from '../../domain/role.ts';
import {
  cancelTaskArguments,
  getTaskArguments,
  listTasksArguments,
  submitTaskArguments,
  waitForTaskArguments,
} from '../../protocol/mcp-api.ts';
import { listTasks } from '../../store/task-views.ts';
import { inSpan } from '../../telemetry/tracing.ts';
import { userSeenBy } from '../caller.ts';
import { storeForPlanning } from '../submit.ts';
import { readSubtask } from '../subtask-detail.ts';
import { actOnTask } from '../task-actions.ts';
import { safeFileName } from '../task-files.ts';
import { attachTo, type TaskForm } from '../task-form.ts';
import { readBulkTask } from '../task-input.ts';
import { readTask } from '../task-response.ts';
import { readState, rowOf, subtasksOf } from './task-state.ts';
import { answerWith, defineTool, readArguments, refuseForeignTask, type ToolCall } from './tool.ts';
import { waitForTask } from './wait.ts';

const READS = { readOnlyHint: true, openWorldHint: false };
const read: Role = 'read';
const submit: Role = 'submit';

export const submitTask = defineTool({
  name: 'submit_task',
  description:
    'Hand a task in plain language to the crew of agents. It is planned into subtasks and runs in the background; the answer has its task_id. Follow with wait_for_task.',
  access: submit,
  hints: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  schema: submitTaskArguments,
  read: readSubmit,
  async work({ input, waitMs }, call) {
    const { parts, traceparent: parent } = call;
    const task_id = await inSpan('task.submit', { parent, kind: 'server' }, async (span) => {
      const stored = await storeForPlanning(parts, parts.background, { ...input, trace_parent: span.traceparent });
      span.describe({ 'muster.task_id': stored.task_id });
      return stored.task_id;
    });
    const state = waitMs > 0 ? waitForTask(call, { taskId: task_id, timeoutMs: waitMs }) : readState(parts, task_id);
    return answerWith(await state);
  },
});

/** The task's own fields are judged by the rules of POST /tasks, in its words. */
function readSubmit({ files, wait_seconds, ...fields }: Record<string, unknown>, { caller }: ToolCall) {
  const beside = readArguments(besideTask, { files, wait_seconds });
  const form: TaskForm = { fields, files: [] };
  for (const { name, text } of beside.files ?? [])
    attachTo(form, { name: safeFileName(name), content: Buffer.from(text) });
  return { input: { ...readBulkTask(fields, caller), files: form.files }, waitMs: beside.wait_seconds * 1_000 };
}

const besideTask = submitTaskArguments.pick({ files: true, wait_seconds: true });

export const getTask = defineTool({
  name: 'get_task',
  description: 'How a task stands: status, summary, cost, and its subtasks with output, error or the reason to wait.',
  access: read,
  hints: READS,
  schema: getTaskArguments,
  async work({ task_id, subtask_id, subtasks_from, subtasks_max }, call) {
    await refuseForeignTask(call, task_id);
    if (subtask_id !== undefined) return answerWith({ ...(await readSubtask(call.parts, { task_id, subtask_id })) });
    const [state, whole] = await Promise.all([readState(call.parts, task_id), readTask(call.parts, task_id)]);
    const { description } = whole.task;
    return answerWith({ ...state, description, ...subtasksOf(whole, { from: subtasks_from, max: subtasks_max }) });
  },
});

export const waitForTaskTool = defineTool({
  name: 'wait_for_task',
  description:
    'Wait until a task has ended, telling progress. With "ended": false the time ran out: call again to go on waiting.',
  access: read,
  hints: READS,
  schema: waitForTaskArguments,
  async work({ task_id, timeout }, call) {
    await refuseForeignTask(call, task_id);
    return answerWith(await waitForTask(call, { taskId: task_id, timeoutMs: timeout * 1_000 }));
  },
});

export const listTasksTool = defineTool({
  name: 'list_tasks',
  description: 'Tasks, newest first, in pages.',
  access: read,
  hints: READS,
  schema: listTasksArguments,
  async work(filter, { parts, caller }) {
    const user_id = userSeenBy(caller, filter.user_id);
    const { rows, next_cursor } = await listTasks(parts.db, { ...filter, user_id });
    return answerWith({ tasks: rows.map(rowOf), next_cursor });
  },
});

export const cancelTask = defineTool({
  name: 'cancel_task',
  description: 'Cancel a task: nothing of it is started any more, and what runs is stopped.',
  access: submit,
  hints: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  schema: cancelTaskArguments,
  async work({ task_id }, call) {
    await refuseForeignTask(call, task_id);
    const acted = await actOnTask(call.parts, task_id, { action: 'cancel' });
    if (!acted.done) throw acted.error;
    return answerWith({ task_id, status: acted.status });
  },
});
