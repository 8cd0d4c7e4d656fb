// What narrows the log. All of it stands in the address.
import { ListTree } from 'lucide-react';
import { type Ref, useState } from 'react';
import { LOG_LEVELS, type LogLevel } from '../../../../src/domain/log.ts';
import { SPAN_NAMES, SPANS, type Span } from '../../data/address.ts';
import { useAgents } from '../../data/agents.ts';
import { FilterRow } from '../../design/filter-row.tsx';
import { ChoiceMenu } from '../../design/menu.tsx';
import { SearchField } from '../../design/search-field.tsx';
import { LevelWord } from './level.tsx';
import type { Narrow } from './log-details.tsx';
import { fromField, isNarrowed, type LogSearch, NO_LOG_FILTERS, toField } from './search.ts';

interface LogFiltersProps {
  search: LogSearch;
  onChange: Narrow;
  field: Ref<HTMLInputElement>;
}

const LEVEL_CHOICES = [
  { value: 'all' as const, words: 'All' },
  ...LOG_LEVELS.filter((level) => level !== 'DEBUG').map((level) => ({
    value: level,
    words: (
      <>
        <LevelWord level={level} />
        {level !== 'ERROR' && <span className="text-ink-3">and graver</span>}
      </>
    ),
  })),
];

export function LogFilters({ search, onChange, field }: LogFiltersProps) {
  return (
    <FilterRow
      label="Search messages"
      text={search.text}
      onText={(text) => onChange({ text })}
      field={field}
      onClear={isNarrowed(search) ? () => onChange(NO_LOG_FILTERS) : null}
    >
      <ChoiceMenu<LogLevel | 'all'>
        label="Level"
        choices={LEVEL_CHOICES}
        value={search.level === undefined || search.level === 'DEBUG' ? 'all' : search.level}
        onChange={(level) => onChange({ level: level === 'all' ? undefined : level })}
      />
      <AgentChoice value={search.agent} onChange={(agent) => onChange({ agent })} />
      <SearchField
        label="Task id"
        icon={ListTree}
        value={search.task}
        onChange={(task) => onChange({ task })}
        className="w-44 max-sm:grow"
      />
      <TimeRange search={search} onChange={onChange} />
    </FilterRow>
  );
}

const ANY = '';

function AgentChoice({ value, onChange }: { value: string | undefined; onChange: (id: string | undefined) => void }) {
  const known = useAgents().data?.agents.map((agent) => agent.agent_id) ?? [];
  const ids = [...new Set([...known, ...(value === undefined ? [] : [value])])];
  return (
    <ChoiceMenu
      label="Agent"
      choices={[{ value: ANY, words: 'Any' }, ...ids.map((id) => ({ value: id, words: id }))]}
      value={value ?? ANY}
      onChange={(id) => onChange(id === ANY ? undefined : id)}
    />
  );
}

const RANGE_CHOICES = [
  { value: 'any' as const, words: 'Any' },
  ...SPAN_NAMES.map((span) => ({ value: span, words: SPANS[span].words })),
  { value: 'own' as const, words: 'From … to …' },
];

function TimeRange({ search, onChange }: { search: LogSearch; onChange: Narrow }) {
  const [opened, setOpened] = useState(false);
  const isOwn = opened || search.from !== undefined || search.to !== undefined;
  const choose = (range: Span | 'any' | 'own') => {
    setOpened(range === 'own');
    if (range !== 'own') onChange({ since: range === 'any' ? undefined : range, from: undefined, to: undefined });
  };
  return (
    <>
      <ChoiceMenu<Span | 'any' | 'own'>
        label="Time"
        choices={RANGE_CHOICES}
        value={isOwn ? 'own' : (search.since ?? 'any')}
        onChange={choose}
      />
      {isOwn && (
        <>
          <InstantField label="From" value={search.from} onChange={(from) => onChange({ from, since: undefined })} />
          <InstantField label="To" value={search.to} onChange={(to) => onChange({ to, since: undefined })} />
        </>
      )}
    </>
  );
}

interface InstantFieldProps {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}

function InstantField({ label, value, onChange }: InstantFieldProps) {
  return (
    <label className="flex items-center gap-1.5 text-sm text-ink-3">
      {label}
      <input
        type="datetime-local"
        defaultValue={toField(value)}
        onBlur={(event) => onChange(fromField(event.target.value))}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
        className="h-8 rounded-md border border-line-strong bg-raised px-2 text-sm text-ink"
      />
    </label>
  );
}
