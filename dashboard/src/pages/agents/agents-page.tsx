// Agents: who is in the crew, what each does now, and what nobody can do. Live: read again when some agent's status
// changed, at most once a second.
import { Bot } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useAgents } from '../../data/agents.ts';
import { Gathering } from '../../data/gathering.ts';
import { useLiveFeed } from '../../data/live-feed.ts';
import { Empty, Failed, Loading, Skeleton } from '../../design/states.tsx';
import { LookIcon } from '../../design/status.tsx';
import { Page } from '../../shell/page.tsx';
import { AGENT_LOOKS, AgentCard } from './agent-card.tsx';
import { AGENT_STATES, countStates, inOrder } from './agent-state.ts';
import { MissingCapabilities } from './missing-capabilities.tsx';
import { StartAgent } from './start-agent.tsx';
import { newPlace } from './start-command.ts';

const REFRESH_MS = 1_000;
const GRID = 'grid grid-cols-[repeat(auto-fill,minmax(min(22rem,100%),1fr))] gap-4';

export function AgentsPage() {
  const query = useAgents();
  const refresh = useAtMostOnceASecond(() => void query.refetch());
  useLiveFeed({ onAgents: refresh, onHello: refresh });
  return (
    <Page title="Agents" actions={query.data && <Summary agents={query.data.agents} />}>
      <Content query={query} />
    </Page>
  );
}

function Content({ query }: { query: ReturnType<typeof useAgents> }) {
  const { data } = query;
  if (!data && query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (!data) return <AgentsLoading />;
  return (
    <>
      <MissingCapabilities {...data} />
      {data.agents.length === 0 && <NoAgents />}
      <ul className={GRID}>
        {inOrder(data.agents).map((agent) => (
          <AgentCard key={agent.agent_id} agent={agent} />
        ))}
      </ul>
    </>
  );
}

/** Gathers calls in quick succession into one. */
function useAtMostOnceASecond(work: () => void): () => void {
  const newest = useRef(work);
  newest.current = work;
  const gathering = useRef<Gathering<null> | null>(null);
  useEffect(() => {
    const created = new Gathering<null>(REFRESH_MS, () => newest.current());
    gathering.current = created;
    return () => created.stop();
  }, []);
  return () => gathering.current?.add(null);
}

function Summary({ agents }: { agents: Parameters<typeof countStates>[0] }) {
  const counts = countStates(agents);
  return (
    <ul aria-label="Agents by state" className="flex flex-wrap justify-end gap-x-4 gap-y-1 text-sm text-ink-2">
      {AGENT_STATES.filter((state) => counts[state] > 0).map((state) => (
        <li key={state} className="flex items-center gap-1.5">
          <LookIcon look={AGENT_LOOKS[state]} />
          <span className="nums">
            {counts[state]} {AGENT_LOOKS[state].word.toLowerCase()}
          </span>
        </li>
      ))}
    </ul>
  );
}

function NoAgents() {
  return (
    <div className="rounded-lg border bg-surface">
      <Empty icon={Bot} title="No agent has registered yet">
        <p>`muster up` starts five. To start one by itself:</p>
        <div className="mt-3">
          <StartAgent place={newPlace(['data_analysis', 'code_generation'], [])} />
        </div>
      </Empty>
    </div>
  );
}

function AgentsLoading() {
  return (
    <Loading what="agents">
      <div className={GRID}>
        {['a', 'b', 'c', 'd', 'e'].map((key) => (
          <div key={key} className="grid gap-3 rounded-lg border bg-surface p-4">
            <Skeleton className="h-4 w-1/3" />
            <Skeleton className="h-4 w-2/3" />
            <Skeleton className="h-16 w-full" />
            <Skeleton className="h-4 w-1/2" />
          </div>
        ))}
      </div>
    </Loading>
  );
}
