// Sending a draft: answered as soon as the task is stored, so that its page can show how it is planned. One key a draft: a
// second click, or another try after a lost answer, finds the task that the first made, after a reload too.
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { taskStoredResponse } from '../../../src/protocol/dashboard-api.ts';
import { apiUrl, request } from '../data/api.ts';
import { keepForVisit, keptForVisit } from '../data/visit.ts';
import { type Draft, parametersOf } from './draft.ts';

const KEY = 'muster.draft-key';

interface Submission {
  draft: Draft;
  files: readonly File[];
}

export function useSubmit(onDone: () => void) {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (submission: Submission) => send(submission, keyFor(submission)),
    onSuccess: ({ task_id }) => {
      keepForVisit(KEY, '');
      onDone();
      return navigate({ to: '/tasks/$taskId', params: { taskId: task_id } });
    },
  });
}

/** The same for the same content: what was changed is another request. */
function keyFor({ draft, files }: Submission): string {
  const of = JSON.stringify([draft, files.map((file) => [file.name, file.size, file.lastModified])]);
  const [value, ...kept] = (keptForVisit(KEY) ?? '').split(' ');
  if (value && kept.join(' ') === of) return value;
  const fresh = newKey();
  keepForVisit(KEY, `${fresh} ${of}`);
  return fresh;
}

/** Not crypto.randomUUID: away from localhost, browsers offer it under HTTPS only. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('-');
}

function send({ draft, files }: Submission, key: string) {
  const parameters = parametersOf(draft);
  return request({
    url: apiUrl(['tasks']),
    method: 'POST',
    schema: taskStoredResponse.pick({ task_id: true }),
    headers: { prefer: 'respond-async', 'idempotency-key': key },
    body: files.length > 0 ? formOf(parameters, files) : parameters,
  });
}

/** Fields before files, so that the service can judge them before it stores a byte. */
function formOf(parameters: Record<string, string | number>, files: readonly File[]): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(parameters)) form.append(name, String(value));
  for (const file of files) form.append('files', file, file.name);
  return form;
}
