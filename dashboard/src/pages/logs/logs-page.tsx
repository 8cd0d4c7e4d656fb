// Logs: what all agents say and do, as it happens. New lines come on top, unless the reader paused, scrolled away or
// opened a line: then they wait.
import { getRouteApi } from '@tanstack/react-router';
import { ArrowUp, Pause, Play } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button } from '../../design/button.tsx';
import { CopyButton } from '../../design/copy-button.tsx';
import { plural } from '../../format/amount.ts';
import { Page } from '../../shell/page.tsx';
import { useShortcuts } from '../../shell/shortcuts.ts';
import { LogContent } from './log-content.tsx';
import { LogFilters } from './log-filters.tsx';
import { copyText } from './log-text.ts';
import { isTail, type LogSearch } from './search.ts';
import { useLogs } from './use-logs.ts';

/** Scrolled further than this, a person is reading. */
const SCROLLED_PX = 8;

const route = getRouteApi('/logs');

export function LogsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const field = useRef<HTMLInputElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [paused, setPaused] = useState(false);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const held = () => paused || open.size > 0 || (scroller.current?.scrollTop ?? 0) > SCROLLED_PX;
  const logs = useLogs(search, held);
  const waiting = logs.query.data?.waiting.length ?? 0;
  const showNewest = () => {
    scroller.current?.scrollTo({ top: 0 });
    logs.release();
  };
  const turn = () => {
    if (paused) showNewest();
    setPaused(!paused);
  };
  const narrow = (change: Partial<LogSearch>) => {
    setOpen(new Set());
    scroller.current?.scrollTo({ top: 0 });
    void navigate({ search: { ...search, ...change }, replace: true });
  };
  useShortcuts('Logs', [
    { keys: 'p', words: 'Pause or resume', run: turn },
    { keys: 'f', words: 'Search', run: () => field.current?.focus() },
    { keys: '/', words: 'Search', run: () => field.current?.focus() },
    { keys: 'ArrowDown', words: 'Next line, from a line' },
  ]);
  return (
    <Page
      fill
      title="Logs"
      actions={
        <>
          <CopyButton text={copyText(logs.query.data?.lines ?? [])} label="Copy the newest lines" />
          {isTail(search) && <PauseButton paused={paused} waiting={waiting} onTurn={turn} />}
        </>
      }
    >
      <LogFilters search={search} onChange={narrow} field={field} />
      <div className="relative flex min-h-0 grow flex-col overflow-hidden rounded-lg border bg-surface">
        {!paused && waiting > 0 && <WaitingPill count={waiting} onShow={showNewest} />}
        <LogContent
          scroller={scroller}
          logs={logs}
          search={search}
          open={open}
          onToggle={(id) => setOpen((before) => toggled(before, id))}
          onNarrow={narrow}
          onScroll={() => !held() && waiting > 0 && logs.release()}
        />
      </div>
    </Page>
  );
}

function toggled(ids: ReadonlySet<number>, id: number): ReadonlySet<number> {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return next;
}

function PauseButton({ paused, waiting, onTurn }: { paused: boolean; waiting: number; onTurn: () => void }) {
  return (
    <Button kind={paused ? 'primary' : 'secondary'} onClick={onTurn} title="p">
      {paused ? <Play aria-hidden size={14} /> : <Pause aria-hidden size={14} />}
      {paused ? 'Resume' : 'Pause'}
      {paused && <span className="nums">· {plural(waiting, 'line')} waiting</span>}
    </Button>
  );
}

function WaitingPill({ count, onShow }: { count: number; onShow: () => void }) {
  return (
    <button
      type="button"
      onClick={onShow}
      className="absolute top-2 left-1/2 z-10 flex h-7 -translate-x-1/2 items-center gap-1.5 rounded-full bg-accent px-3 text-xs font-medium text-on-accent shadow-pop"
    >
      <ArrowUp aria-hidden size={12} />
      <span className="nums">{plural(count, 'new line')}</span>
    </button>
  );
}
