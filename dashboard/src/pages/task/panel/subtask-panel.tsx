// Everything about the selected subtask, beside the view; a sheet over it on a phone.
import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { GraphNode, SubtaskDetailResponse } from '../../../../../src/protocol/dashboard-api.ts';
import { IconButton } from '../../../design/button.tsx';
import { ScrollArea } from '../../../design/scroll-area.tsx';
import { Failed, Loading, Skeleton } from '../../../design/states.tsx';
import { SubtaskStatusBadge } from '../../../design/status.tsx';
import { Tabs } from '../../../design/tabs.tsx';
import type { PanelTab } from '../search.ts';
import { Outputs } from './outputs.tsx';
import { Overview } from './overview.tsx';
import { useSubtask } from './subtask-data.ts';
import { SubtaskLog } from './subtask-log.tsx';

const TABS = [
  { value: 'overview', words: 'Overview' },
  { value: 'output', words: 'Output' },
  { value: 'log', words: 'Log' },
] as const satisfies readonly { value: PanelTab; words: string }[];

interface SubtaskPanelProps {
  taskId: string;
  node: GraphNode;
  tab: PanelTab;
  onTab: (tab: PanelTab) => void;
  onSelect: (subtaskId: string) => void;
  onClose: () => void;
}

export function SubtaskPanel({ taskId, node, tab, onTab, onSelect, onClose }: SubtaskPanelProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // On a phone the sheet covers what was selected; elsewhere the focus stays in the view.
    if (node.id && window.matchMedia('(max-width: 63.99rem)').matches) heading.current?.focus();
  }, [node.id]);
  return (
    <aside
      aria-label="Selected subtask"
      className="fixed inset-x-0 top-12 bottom-0 z-40 flex flex-col border-l bg-surface max-sm:bottom-14 lg:static lg:z-0 lg:w-[27rem] lg:shrink-0"
    >
      <div className="flex items-start gap-2 px-4 pt-3 pb-1">
        <div className="min-w-0 grow">
          <div className="mb-1 flex items-center gap-2">
            <SubtaskStatusBadge status={node.status} />
            <span className="nums text-xs text-ink-3">#{node.position}</span>
          </div>
          <h2 ref={heading} tabIndex={-1} className="line-clamp-2 text-base font-semibold outline-none">
            {node.title}
          </h2>
        </div>
        <IconButton label="Close (Esc)" onClick={onClose}>
          <X aria-hidden size={16} />
        </IconButton>
      </div>
      <Tabs label="About the subtask" tabs={TABS} value={tab} onChange={onTab} />
      <Content taskId={taskId} node={node} tab={tab} onSelect={onSelect} />
    </aside>
  );
}

type ContentProps = Pick<SubtaskPanelProps, 'taskId' | 'node' | 'tab' | 'onSelect'>;

function Content({ taskId, node, tab, onSelect }: ContentProps) {
  const query = useSubtask(taskId, node);
  if (tab === 'log') return <SubtaskLog key={node.id} taskId={taskId} node={node} />;
  return (
    <ScrollArea label={tab} className="grow px-4 py-3">
      <Detail query={query} node={node} tab={tab} onSelect={onSelect} />
    </ScrollArea>
  );
}

interface DetailProps extends Pick<ContentProps, 'node' | 'tab' | 'onSelect'> {
  query: { data: SubtaskDetailResponse | undefined; error: unknown; refetch: () => unknown };
}

function Detail({ query: { data, error, refetch }, node, tab, onSelect }: DetailProps) {
  if (data && tab === 'output') return <Outputs detail={data} />;
  if (data) return <Overview node={node} detail={data} onSelect={onSelect} />;
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  return (
    <Loading what="the subtask">
      <div className="grid gap-2">
        <Skeleton />
        <Skeleton />
        <Skeleton className="h-4 w-2/3" />
      </div>
    </Loading>
  );
}
