// One agent: what it can do, what it does now, how loaded it is, and how often it succeeded.
import { CircleCheck, CircleDot, LoaderCircle, Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AgentActivity } from '../../../../src/protocol/dashboard-api.ts';
import { type Look, LookBadge } from '../../design/status.tsx';
import { Ago } from '../../design/time.tsx';
import { plural } from '../../format/amount.ts';
import { type AgentState, stateOf, successRate } from './agent-state.ts';
import { CapabilityList } from './capability-list.tsx';
import { CurrentWork } from './current-work.tsx';
import { Sparkline } from './sparkline.tsx';
import { Command, useStartCommand } from './start-agent.tsx';

export const AGENT_LOOKS = {
  available: { word: 'Available', icon: CircleCheck, tone: 'green' },
  working: { word: 'Working', icon: LoaderCircle, tone: 'blue' },
  full: { word: 'Full', icon: CircleDot, tone: 'amber' },
  lost: { word: 'Lost', icon: Unplug, tone: 'red' },
} as const satisfies Record<AgentState, Look>;

export function AgentCard({ agent }: { agent: AgentActivity }) {
  const state = stateOf(agent);
  const headingId = `agent-${agent.agent_id}`;
  return (
    <li className="min-w-0">
      <article aria-labelledby={headingId} className="flex h-full flex-col rounded-lg border bg-surface">
        <header className="flex items-start justify-between gap-3 px-4 pt-3">
          <h2 id={headingId} className="min-w-0 truncate font-mono text-sm font-semibold" title={agent.agent_id}>
            {agent.agent_id}
          </h2>
          <LookBadge look={AGENT_LOOKS[state]} />
        </header>
        <div className="px-4 pt-2 pb-3">
          <CapabilityList names={agent.capabilities} />
        </div>
        {agent.registered ? <Load agent={agent} /> : <Lost agent={agent} />}
        <CurrentWork agent={agent} />
        <Record agent={agent} />
      </article>
    </li>
  );
}

function Load({ agent }: { agent: AgentActivity }) {
  const times = agent.history.map(({ at }) => Date.parse(at));
  const readings = (percents: readonly number[]) => percents.map((percent, nth) => ({ at: times[nth] ?? 0, percent }));
  return (
    <div className="grid grid-cols-3 gap-4 border-t px-4 py-3">
      <Slots busy={agent.running.length} slots={agent.slots} />
      <Sparkline
        label="CPU"
        now={agent.cpu_usage}
        tone="accent"
        readings={readings(agent.history.map((reading) => reading.cpu_usage))}
      />
      <Sparkline
        label="Memory"
        now={agent.memory_usage}
        tone="cyan"
        readings={readings(agent.history.map((reading) => reading.memory_usage))}
      />
    </div>
  );
}

/** More slots than this are drawn as one bar. */
const SQUARES_MAX = 16;

function Slots({ busy, slots }: { busy: number; slots: number }) {
  const squares = Array.from({ length: slots <= SQUARES_MAX ? slots : 0 }, (_, nth) => nth);
  return (
    <div className="min-w-0">
      <div className="flex items-baseline justify-between gap-2 text-xs">
        <span className="text-ink-3">Slots</span>
        <span className="nums font-medium text-ink">
          {busy}/{slots}
          <span className="sr-only"> busy</span>
        </span>
      </div>
      <div aria-hidden className="mt-2.5 flex flex-wrap gap-1">
        {squares.map((nth) => (
          <span key={nth} className={`tone-blue h-2.5 w-4 rounded-sm ${nth < busy ? 'bg-fill' : 'bg-line'}`} />
        ))}
        {squares.length === 0 && (
          <span className="tone-blue flex h-2.5 w-full overflow-hidden rounded-sm bg-line">
            <span className="bg-fill" style={{ width: `${(100 * busy) / Math.max(1, slots)}%` }} />
          </span>
        )}
      </div>
    </div>
  );
}

function Lost({ agent }: { agent: AgentActivity }) {
  const start = useStartCommand(agent);
  return (
    <div className="tone-red tinted border-t px-4 py-3 text-sm">
      <p className="font-medium text-tone">
        Last heard of <Ago at={agent.last_heartbeat} />
      </p>
      <p className="mt-0.5 mb-2 text-ink-2">
        It stopped, or cannot reach the bus; what it ran goes to other agents. Its last log lines may say why.{' '}
        {start === null &&
          'With the bus in memory, agents come and go with Muster: start Muster again to have it back.'}
        {start && 'To start it again:'}
      </p>
      {start && <Command command={start} />}
    </div>
  );
}

function Record({ agent }: { agent: AgentActivity }) {
  const rate = successRate(agent);
  return (
    <dl className="mt-auto grid grid-cols-3 gap-4 border-t px-4 py-2.5 text-sm">
      <Fact name="Completed, 24 h">{agent.attempts_completed.toLocaleString('en')}</Fact>
      <Fact name="Succeeded">
        {rate === null ? (
          <span className="text-ink-3">–</span>
        ) : (
          <span title={`${plural(agent.attempts_failed, 'attempt')} failed`}>{rate}%</span>
        )}
      </Fact>
      <Fact name="Heartbeat">
        <Ago at={agent.last_heartbeat} />
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className="nums truncate font-medium">{children}</dd>
    </div>
  );
}
