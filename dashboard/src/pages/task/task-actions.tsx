// Cancel and retry, each after a question that says what will happen.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { RotateCw, Square } from 'lucide-react';
import { useState } from 'react';
import { TASK_TRANSITIONS, type TaskStatus } from '../../../../src/domain/transitions.ts';
import { taskActionResponse } from '../../../../src/protocol/api.ts';
import { apiUrl, request, wordsOf } from '../../data/api.ts';
import { taskGraphKey } from '../../data/task-graph.ts';
import { Button } from '../../design/button.tsx';
import { Confirm } from '../../design/modal.tsx';
import { say, sayFailed } from '../../design/toasts.tsx';

type Action = 'cancel' | 'retry';

const WORDS: Record<Action, { title: string; body: string; button: string; done: string }> = {
  cancel: {
    title: 'Cancel the task?',
    body: 'Nothing of it is started any more, and what runs is stopped. This cannot be undone; outputs so far are kept.',
    button: 'Cancel task',
    done: 'The task is cancelled.',
  },
  retry: {
    title: 'Run the failed part again?',
    body: 'Failed subtasks run again, and those that were blocked wait for them. Completed outputs are kept.',
    button: 'Retry task',
    done: 'The failed part runs again.',
  },
};

export function TaskActions({ taskId, status }: { taskId: string; status: TaskStatus }) {
  const [asking, setAsking] = useState<Action | null>(null);
  const act = useTaskAction(taskId);
  const may = (action: Action) => (TASK_TRANSITIONS[action].from as readonly TaskStatus[]).includes(status);
  const words = WORDS[asking ?? 'cancel'];
  return (
    <>
      {may('retry') && (
        <Button kind="primary" disabled={act.isPending} onClick={() => setAsking('retry')}>
          <RotateCw aria-hidden size={14} />
          Retry
        </Button>
      )}
      {may('cancel') && (
        <Button disabled={act.isPending} onClick={() => setAsking('cancel')}>
          <Square aria-hidden size={12} />
          Cancel
        </Button>
      )}
      <Confirm
        title={words.title}
        open={asking !== null}
        onClose={() => setAsking(null)}
        action={words.button}
        danger={asking === 'cancel'}
        onConfirm={() => asking && act.mutate(asking)}
      >
        {words.body}
      </Confirm>
    </>
  );
}

function useTaskAction(taskId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (action: Action) =>
      request({ url: apiUrl(['tasks', taskId, action]), method: 'POST', schema: taskActionResponse }),
    onSuccess: (_answer, action) => {
      say(WORDS[action].done);
      return client.invalidateQueries({ queryKey: taskGraphKey(taskId) });
    },
    onError: (error) => sayFailed(wordsOf(error).mend),
  });
}
