// What can be done with the selected tasks: asked once more before it is done, and told task by task where it was refused.
import { CircleX, RotateCcw, X } from 'lucide-react';
import { useState } from 'react';
import type { TaskSummary } from '../../../../src/protocol/api.ts';
import { type TaskActionsResponse, taskActionsResponse } from '../../../../src/protocol/dashboard-api.ts';
import { apiUrl, request, wordsOf } from '../../data/api.ts';
import { Button, IconButton } from '../../design/button.tsx';
import { Confirm, Modal } from '../../design/modal.tsx';
import { say, sayFailed } from '../../design/toasts.tsx';
import { plural } from '../../format/amount.ts';
import { allowing, type BulkAction, type Selection } from './selection.ts';

const WORDS = {
  cancel: {
    do: 'Cancel',
    done: 'cancelled',
    what: 'Their running subtasks are stopped within seconds. A cancelled task cannot be continued.',
  },
  retry: {
    do: 'Retry',
    done: 'started again',
    what: 'Only what failed or was blocked runs again; completed results are kept.',
  },
} as const satisfies Record<BulkAction, Record<'do' | 'done' | 'what', string>>;

type Outcome = TaskActionsResponse['results'][number];

export function BulkBar({ selection }: { selection: Selection }) {
  const [asking, setAsking] = useState<BulkAction | null>(null);
  const [refused, setRefused] = useState<readonly Outcome[]>([]);
  const act = async (action: BulkAction) => {
    const outcomes = await actOn(action, allowing(action, selection.tasks));
    setRefused(outcomes.filter(({ done }) => !done));
    selection.clear();
  };
  return (
    <>
      {selection.ids.size > 0 && <Bar selection={selection} onAsk={setAsking} />}
      <Confirm
        title={asking ? `${WORDS[asking].do} ${plural(allowing(asking, selection.tasks).length, 'task')}?` : ''}
        open={asking !== null}
        onClose={() => setAsking(null)}
        action={asking ? `${WORDS[asking].do} ${plural(allowing(asking, selection.tasks).length, 'task')}` : ''}
        onConfirm={() => asking && void act(asking)}
        danger={asking === 'cancel'}
      >
        <p>{asking && WORDS[asking].what}</p>
      </Confirm>
      <Refusals outcomes={refused} onClose={() => setRefused([])} />
    </>
  );
}

function Bar({ selection, onAsk }: { selection: Selection; onAsk: (action: BulkAction) => void }) {
  const cancellable = allowing('cancel', selection.tasks).length;
  const retriable = allowing('retry', selection.tasks).length;
  return (
    <section
      aria-label="Selected tasks"
      className="fixed inset-x-0 bottom-17 z-20 mx-auto flex w-max max-w-[calc(100vw-1rem)] items-center gap-2 rounded-lg border border-line-strong bg-raised py-1.5 pr-1.5 pl-3 text-sm shadow-pop sm:bottom-5"
    >
      <span className="nums mr-1 font-medium whitespace-nowrap">{selection.ids.size} selected</span>
      <Button size="small" kind="danger" disabled={cancellable === 0} onClick={() => onAsk('cancel')}>
        <CircleX aria-hidden size={14} />
        Cancel {cancellable > 0 && cancellable}
      </Button>
      <Button size="small" disabled={retriable === 0} onClick={() => onAsk('retry')}>
        <RotateCcw aria-hidden size={14} />
        Retry {retriable > 0 && retriable}
      </Button>
      <IconButton label="Clear the selection" className="size-7" onClick={selection.clear}>
        <X aria-hidden size={14} />
      </IconButton>
    </section>
  );
}

/** The rows themselves change by the events that follow. */
async function actOn(action: BulkAction, tasks: readonly TaskSummary[]): Promise<readonly Outcome[]> {
  const body = { action, task_ids: tasks.map(({ id }) => id) };
  try {
    const answer = await request({
      url: apiUrl(['tasks', 'actions']),
      schema: taskActionsResponse,
      method: 'POST',
      body,
    });
    const done = answer.results.filter((outcome) => outcome.done).length;
    if (done > 0) say(`${plural(done, 'task')} ${WORDS[action].done}.`);
    return answer.results;
  } catch (error) {
    const { title, mend } = wordsOf(error);
    sayFailed(`${title}. ${mend}`);
    return [];
  }
}

function Refusals({ outcomes, onClose }: { outcomes: readonly Outcome[]; onClose: () => void }) {
  return (
    <Modal title={`${plural(outcomes.length, 'task')} stayed as before`} open={outcomes.length > 0} onClose={onClose}>
      <ul className="grid gap-3 text-sm">
        {outcomes.map(({ task_id, detail }) => (
          <li key={task_id}>
            <p className="font-mono text-xs text-ink-3">{task_id}</p>
            <p>{detail ?? 'No reason was given.'}</p>
          </li>
        ))}
      </ul>
    </Modal>
  );
}
