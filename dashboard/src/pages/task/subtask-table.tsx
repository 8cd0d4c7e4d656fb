// The task as a table: every subtask in a row, sortable, only the rows on the screen exist.
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import type { GraphNode } from '../../../../src/protocol/dashboard-api.ts';
import { classes } from '../../design/classes.ts';
import { SubtaskStatusBadge } from '../../design/status.tsx';
import { Cell, HeadCell, Table } from '../../design/table.tsx';
import { Elapsed } from '../../design/time.tsx';
import { formatCost } from '../../format/amount.ts';
import type { Sort, TaskSearch } from './search.ts';
import type { Selection } from './selection.ts';
import { sorted } from './subtask-order.ts';

const ROW_PX = 37;

interface SubtaskTableProps {
  nodes: readonly GraphNode[];
  selection: Selection;
  search: TaskSearch;
  onSort: (sort: Sort) => void;
}

export function SubtaskTable({ nodes, selection, search, onSort }: SubtaskTableProps) {
  const rows = sorted(nodes, search);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 16,
  });
  const selected = rows.findIndex((row) => row.id === selection.node?.id);
  useEffect(() => {
    if (selected >= 0) virtual.scrollToIndex(selected, { align: 'auto' });
  }, [selected, virtual]);
  const shown = virtual.getVirtualItems();
  const before = shown[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (shown.at(-1)?.end ?? 0);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section ref={scroller} aria-label="Table" tabIndex={0} className="h-full overflow-auto outline-offset-[-2px]">
      <Table aria-rowcount={rows.length + 1} className="min-w-[56rem] table-fixed">
        <Head search={search} onSort={onSort} />
        <tbody>
          <Spacer height={before} />
          {shown.map((item) => {
            const node = rows[item.index];
            return node && <Row key={node.id} nth={item.index} node={node} selection={selection} />;
          })}
          <Spacer height={after} />
        </tbody>
      </Table>
    </section>
  );
}

function Spacer({ height }: { height: number }) {
  return height > 0 ? <tr aria-hidden style={{ height }} /> : null;
}

interface Column {
  words: string;
  width: string;
  sort?: Sort;
  right?: boolean;
}

const COLUMNS: readonly Column[] = [
  { words: '#', width: 'w-16', sort: 'position' },
  { words: 'Status', width: 'w-32', sort: 'status' },
  { words: 'Subtask', width: 'w-auto' },
  { words: 'Agent', width: 'w-28' },
  { words: 'Attempt', width: 'w-24', sort: 'attempt', right: true },
  { words: 'Duration', width: 'w-28', sort: 'duration', right: true },
  { words: 'Cost', width: 'w-24', sort: 'cost', right: true },
];

function Head({ search, onSort }: Pick<SubtaskTableProps, 'search' | 'onSort'>) {
  const current = search.sort ?? 'position';
  return (
    <thead className="sticky top-0 z-10">
      <tr>
        {COLUMNS.map(({ words, width, sort, right }) => (
          <HeadCell
            key={words}
            className={classes(width, right && 'text-right')}
            aria-sort={sort === current ? (search.descending ? 'descending' : 'ascending') : undefined}
          >
            {sort ? (
              <button
                type="button"
                onClick={() => onSort(sort)}
                className="inline-flex items-center gap-1 hover:text-ink"
              >
                {words}
                {sort === current && <SortMark descending={search.descending ?? false} />}
              </button>
            ) : (
              words
            )}
          </HeadCell>
        ))}
      </tr>
    </thead>
  );
}

function SortMark({ descending }: { descending: boolean }): ReactNode {
  const Icon = descending ? ArrowDown : ArrowUp;
  return <Icon aria-hidden size={12} />;
}

interface RowProps {
  nth: number;
  node: GraphNode;
  selection: Selection;
}

function Row({ nth, node, selection }: RowProps) {
  const isSelected = selection.node?.id === node.id;
  const more = node.waiting?.message ?? node.error;
  return (
    <tr
      aria-rowindex={nth + 2}
      aria-selected={isSelected}
      onClick={() => selection.select(node.id)}
      className={classes('cursor-pointer', isSelected ? 'tone-accent tinted' : 'hover:bg-hover')}
      style={{ height: ROW_PX }}
    >
      <Cell className="nums text-ink-3">{node.position}</Cell>
      <Cell>
        <SubtaskStatusBadge status={node.status} />
      </Cell>
      <Cell className="truncate">
        <button type="button" className="max-w-full truncate text-left hover:underline" title={node.title}>
          {node.title}
        </button>
        {more && <span className={classes('ml-2 text-xs', node.error ? 'text-danger' : 'text-ink-3')}>{more}</span>}
      </Cell>
      <Cell className="truncate text-ink-2">{node.agent_id ?? '–'}</Cell>
      <Cell className="nums text-right text-ink-2">{node.attempt || '–'}</Cell>
      <Cell className="text-right">
        <Elapsed from={node.started_at} to={node.finished_at} />
      </Cell>
      <Cell className="nums text-right text-ink-2">{formatCost(node.cost_usd)}</Cell>
    </tr>
  );
}
