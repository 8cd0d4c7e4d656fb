// What narrows the task list. All of it stands in the address.
import { User } from 'lucide-react';
import type { Ref } from 'react';
import { TASK_STATUSES, type TaskStatus } from '../../../../src/domain/transitions.ts';
import { SPAN_NAMES, SPANS, type Span } from '../../data/address.ts';
import { Button } from '../../design/button.tsx';
import { ChoiceMenu } from '../../design/menu.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { TASK_LOOKS } from '../../design/status.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { isFiltered, type TaskListSearch } from './search.ts';

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
    <div className="mb-3 grid grid-cols-[minmax(0,1fr)] gap-3">
      <Tabs<TaskStatus | 'all'>
        label="Status"
        tabs={STATUS_TABS}
        value={search.status ?? 'all'}
        onChange={(status) => onChange({ status: status === 'all' ? undefined : status })}
      />
      <search className="flex flex-wrap items-center gap-2">
        <SearchField
          label="Search descriptions"
          value={search.text}
          onChange={(text) => onChange({ text })}
          field={field}
          className="min-w-48 grow sm:max-w-80"
        />
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
        {isFiltered(search) && (
          <Button
            kind="quiet"
            onClick={() => onChange({ status: undefined, text: undefined, user: undefined, since: undefined })}
          >
            Clear filters
          </Button>
        )}
      </search>
    </div>
  );
}
