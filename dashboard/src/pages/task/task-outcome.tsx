// How a task ended: its result on top when there is one, its error with what to do when there is none.
import { CircleAlert } from 'lucide-react';
import { useState } from 'react';
import type { TaskGraphResponse } from '../../../../src/protocol/dashboard-api.ts';
import { apiUrl } from '../../data/api.ts';
import { buttonClasses } from '../../design/button.tsx';
import { classes } from '../../design/classes.ts';
import { CopyButton } from '../../design/copy-button.tsx';
import { DownloadLink } from '../../design/download-link.tsx';
import { Panel } from '../../design/panel.tsx';
import { RichText } from '../../design/rich-text.tsx';
import { adviceFor, clipped } from './failure-advice.ts';

/** Results longer than this begin folded. */
const LONG = 900;

interface OutcomeProps {
  graph: TaskGraphResponse;
  onSelect: (subtaskId: string) => void;
}

export function TaskOutcome({ graph, onSelect }: OutcomeProps) {
  const { task } = graph;
  if (task.summary !== null) return <Result taskId={task.id} summary={task.summary} />;
  if (task.status === 'failed') return <Failure graph={graph} onSelect={onSelect} />;
  return null;
}

function Result({ taskId, summary }: { taskId: string; summary: string }) {
  const [open, setOpen] = useState(summary.length <= LONG);
  return (
    <Panel
      title="Result"
      aside={
        <>
          <a href={apiUrl(['tasks', taskId])} download={`${taskId}.json`} className={buttonClasses('quiet', 'small')}>
            JSON
          </a>
          <CopyButton label="Copy the result" text={summary} />
          <DownloadLink label="Download the result" text={summary} fileName={`${taskId}.md`} />
        </>
      }
    >
      <div className={classes('relative', !open && 'max-h-56 overflow-hidden')}>
        <RichText text={summary} />
        {!open && <div aria-hidden className="absolute inset-x-0 bottom-0 h-16 bg-linear-to-t from-surface" />}
      </div>
      {summary.length > LONG && (
        <button type="button" className="mt-2 text-sm text-accent-ink hover:underline" onClick={() => setOpen(!open)}>
          {open ? 'Show less' : 'Show all'}
        </button>
      )}
    </Panel>
  );
}

const NAMED = 5;

function Failure({ graph: { task, nodes, attempts }, onSelect }: OutcomeProps) {
  const failed = nodes.filter((node) => node.status === 'failed');
  return (
    <section aria-label="Why it failed" className="tone-red tinted rounded-lg border px-4 py-3">
      <div className="flex gap-2">
        <CircleAlert aria-hidden size={16} className="mt-0.5 shrink-0 text-tone" />
        <div className="grid min-w-0 gap-2">
          {failed.length === 0 && <p className="whitespace-pre-wrap">{task.error}</p>}
          {failed.slice(0, NAMED).map((node) => (
            <p key={node.id}>
              <button type="button" className="font-medium underline" onClick={() => onSelect(node.id)}>
                Subtask #{node.position}
              </button>{' '}
              failed: {clipped(node.error)}
            </p>
          ))}
          {failed.length > NAMED && <p>… and {failed.length - NAMED} more: filter by failed.</p>}
          {adviceFor(attempts, failed).map((words) => (
            <p key={words} className="text-sm text-ink-2">
              {words}
            </p>
          ))}
        </div>
      </div>
    </section>
  );
}
