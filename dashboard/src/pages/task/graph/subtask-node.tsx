// A subtask in the graph. From afar only its colour is left; the words come back on the way in.
import { type Node, type NodeProps, useStore } from '@xyflow/react';
import { TriangleAlert } from 'lucide-react';
import { memo } from 'react';
import type { GraphNode } from '../../../../../src/protocol/dashboard-api.ts';
import { classes } from '../../../design/classes.ts';
import { type Look, LookIcon, SUBTASK_LOOKS } from '../../../design/status.tsx';
import { Elapsed } from '../../../design/time.tsx';
import { reachOf } from './far.ts';

export type FlowNode = Node<{ node: GraphNode; isSelected: boolean; isDim: boolean; isCritical: boolean }, 'subtask'>;

export const SubtaskNode = memo(function SubtaskNode({ data }: NodeProps<FlowNode>) {
  const { node, isSelected, isDim, isCritical } = data;
  // Words that nobody can read are not drawn: there may be thousands.
  const reach = useStore(reachOf);
  const look = node.waiting?.reason === 'no_such_agent' ? UNSERVED : SUBTASK_LOOKS[node.status];
  return (
    <div
      title={node.title}
      className={classes(
        `tone-${look.tone}`,
        // Thousands are drawn at once from afar: no corners, borders or clips then.
        'far:bg-fill far:overflow-visible far:rounded-none far:border-0 relative flex h-[60px] w-[216px] cursor-pointer flex-col justify-center gap-1 overflow-hidden rounded-lg border bg-raised pr-2.5 pl-3.5 text-left',
        isSelected ? 'border-accent outline-2 outline-accent' : 'border-line-strong hover:border-ink-3',
        isDim && 'opacity-25',
      )}
    >
      <span aria-hidden className="far:hidden absolute inset-y-0 left-0 w-1 bg-fill" />
      {reach === 'words' && <Words node={node} look={look} isCritical={isCritical} />}
      {reach === 'number' && <Sign position={node.position} icon={look.icon} />}
    </div>
  );
});

interface WordsProps {
  node: GraphNode;
  look: Look;
  isCritical: boolean;
}

function Words({ node, look, isCritical }: WordsProps) {
  return (
    <>
      <span className="flex items-center gap-1.5">
        <LookIcon look={look} />
        <span className="truncate text-sm font-medium">{node.title}</span>
      </span>
      <span className="flex items-center gap-1.5 text-2xs text-ink-3">
        <span className="nums">#{node.position}</span>
        <span className="truncate">{isCritical ? `${saying(node)} · critical` : saying(node)}</span>
        {node.started_at && (
          <span className="ml-auto">
            <Elapsed from={node.started_at} to={node.finished_at} />
          </span>
        )}
      </span>
    </>
  );
}

/** Large, since it is seen small. */
function Sign({ position, icon: Icon }: { position: number; icon: Look['icon'] }) {
  return (
    <span className="nums flex items-center justify-center gap-2 text-[28px] leading-none font-semibold text-on-accent">
      <Icon aria-hidden size={28} />#{position}
    </span>
  );
}

/** Nobody in the crew can run it: worth a look of its own. */
const UNSERVED: Look = { ...SUBTASK_LOOKS.ready, icon: TriangleAlert, tone: 'amber' };

/** The one word that matters now. */
function saying(node: GraphNode): string {
  if (node.status === 'running') return node.agent_id ?? 'running';
  if (node.waiting) return WAITING_WORDS[node.waiting.reason];
  return SUBTASK_LOOKS[node.status].word.toLowerCase();
}

type WaitingKind = NonNullable<GraphNode['waiting']>['reason'];

const WAITING_WORDS = {
  dependencies: 'waits for dependencies',
  backing_off: 'backing off',
  no_such_agent: 'no such agent',
  budget: 'waits for budget',
  free_agent: 'waits for an agent',
} as const satisfies Record<WaitingKind, string>;
