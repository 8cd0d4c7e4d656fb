// What narrows the task list. All of it stands in the address.
import { User } from 'lucide-react';
import type { Ref } from 'react';
import { TASK_STATUSES, type TaskStatus } from '../../../../src/domain/transitions.ts';
import { SPAN_NAMES, SPANS, type Span } from '../../data/address.ts';
import { FilterRow } from '../../design/filter-row.tsx';
import { ChoiceMenu } from '../../design/menu.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { TASK_LOOKS } from '../../design/status.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { isFiltered, NO_FILTERS, type TaskListSearch } from './search.ts';

interface TaskFiltersProps {
  search: TaskListSearch;
  onChange: (change: Partial<TaskListSearch>) => void;
  field: Ref<HTMLInputElement>;
}

const STATUS_TABS = [
  { value: 'all' as const, words: 'All' },
  ...TASK_STATUSES.map((status) => ({ value: status, words: TASK_LOOKS[status].word, icon: TASK_LOOKS[status].icon })),
];

const SPAN_CHOICES = [
  { value: 'any' as const, words: 'Any time' },
  ...SPAN_NAMES.map((span) => ({ value: span, words: SPANS[span].words })),
];

export function TaskFilters({ search, onChange, field }: TaskFiltersProps) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <Tabs<TaskStatus | 'all'>
        label="Status"
        tabs={STATUS_TABS}
        value={search.status ?? 'all'}
        onChange={(status) => onChange({ status: status === 'all' ? undefined : status })}
      />
      <FilterRow
        label="Search descriptions"
        text={search.text}
        onText={(text) => onChange({ text })}
        field={field}
        onClear={isFiltered(search) ? () => onChange(NO_FILTERS) : null}
      >
        <SearchField
          label="User"
          icon={User}
          value={search.user}
          onChange={(user) => onChange({ user })}
          className="w-40 max-sm:grow"
        />
        <ChoiceMenu<Span | 'any'>
          label="Created"
          choices={SPAN_CHOICES}
          value={search.since ?? 'any'}
          onChange={(since) => onChange({ since: since === 'any' ? undefined : since })}
        />
      </FilterRow>
    </div>
  );
}
