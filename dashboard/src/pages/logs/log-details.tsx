// All that belongs to a line: the message in full, where it comes from, its metadata, and ways on from it.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { LogLine } from '../../data/log-buffer.ts';
import { Button } from '../../design/button.tsx';
import { CopyButton } from '../../design/copy-button.tsx';
import { JsonTree } from '../../design/json-tree.tsx';
import { ScrollArea } from '../../design/scroll-area.tsx';
import { formatInstant } from '../../format/time.ts';
import type { LogSearch } from './search.ts';

export type Narrow = (change: Partial<LogSearch>) => void;

export function LogDetails({ line, onNarrow }: { line: LogLine; onNarrow: Narrow }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3 border-t bg-surface py-3 pr-3 pl-8 wrap-anywhere">
      <div className="flex items-start gap-2">
        <ScrollArea label="Message" className="max-h-96 grow leading-5 whitespace-pre-wrap text-ink">
          {line.message}
        </ScrollArea>
        <CopyButton text={JSON.stringify(line, null, 2)} label="Copy the line as JSON" />
      </div>
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-4 gap-y-0.5 leading-5">
        <Fact name="Time">
          <time dateTime={line.time}>{formatInstant(line.time)}</time>
        </Fact>
        <Fact name="Subtask">
          <Link
            to="/tasks/$taskId"
            params={{ taskId: line.task_id }}
            search={{ subtask: line.subtask_id, show: 'log' }}
            className="rounded-sm break-all text-accent-ink hover:underline"
          >
            {line.subtask_id}
          </Link>
          , attempt {line.attempt}
        </Fact>
        <Fact name="Task">
          <Link
            to="/tasks/$taskId"
            params={{ taskId: line.task_id }}
            className="rounded-sm break-all text-accent-ink hover:underline"
          >
            {line.task_id}
          </Link>
        </Fact>
      </dl>
      <JsonTree name="metadata" value={line.metadata} />
      <div className="flex flex-wrap gap-2 font-sans">
        <Button size="small" onClick={() => onNarrow({ task: line.task_id })}>
          Only this task
        </Button>
        <Button size="small" onClick={() => onNarrow({ agent: line.agent_id })}>
          Only {line.agent_id}
        </Button>
      </div>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="min-w-0 text-ink-2">{children}</dd>
    </>
  );
}
