// Narrows what the views show: by status, and by words of the title.
import { Search } from 'lucide-react';
import { SUBTASK_STATUSES, type SubtaskStatus } from '../../../../src/domain/transitions.ts';
import type { GraphNode } from '../../../../src/protocol/dashboard-api.ts';
import { ChoiceMenu } from '../../design/menu.tsx';
import { LookIcon, SUBTASK_LOOKS } from '../../design/status.tsx';
import { countsOf } from './counts.ts';
import type { TaskSearch } from './search.ts';

interface FiltersProps {
  nodes: readonly GraphNode[];
  search: TaskSearch;
  onChange: (change: Partial<TaskSearch>) => void;
}

export function Filters({ nodes, search, onChange }: FiltersProps) {
  const counts = countsOf(nodes);
  const choices = SUBTASK_STATUSES.filter((status) => counts[status] > 0 || status === search.status).map((status) => ({
    value: status as SubtaskStatus | 'all',
    words: (
      <>
        <LookIcon look={SUBTASK_LOOKS[status]} />
        {SUBTASK_LOOKS[status].word}
        <span className="nums text-xs text-ink-3">{counts[status]}</span>
      </>
    ),
  }));
  return (
    <>
      <label className="relative hidden items-center md:flex">
        <span className="sr-only">Find subtasks</span>
        <Search aria-hidden size={14} className="pointer-events-none absolute left-2 text-ink-3" />
        <input
          type="search"
          placeholder="Find"
          value={search.text ?? ''}
          onChange={(event) => onChange({ text: event.target.value || undefined })}
          className="h-8 w-36 rounded-md border border-line-strong bg-raised pr-2 pl-7 text-sm"
        />
      </label>
      <ChoiceMenu
        label="Status"
        choices={[{ value: 'all', words: 'All' }, ...choices]}
        value={search.status ?? 'all'}
        onChange={(status) => onChange({ status: status === 'all' ? undefined : status })}
      />
    </>
  );
}
