// What ready subtasks need and no agent has: they wait until somebody starts such an agent, so here is how.
import { TriangleAlert } from 'lucide-react';
import type { AgentsActivityResponse } from '../../../../src/protocol/dashboard-api.ts';
import { plural } from '../../format/amount.ts';
import { CapabilityList } from './capability-list.tsx';
import { StartAgent } from './start-agent.tsx';
import { newPlace } from './start-command.ts';

export function MissingCapabilities({ missing, agents }: AgentsActivityResponse) {
  if (missing.length === 0) return null;
  return (
    <section aria-labelledby="missing" className="tone-amber mb-4 overflow-hidden rounded-lg border bg-surface">
      <div className="tinted flex items-start gap-2.5 px-4 py-3">
        <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0 text-tone" />
        <div>
          <h2 id="missing" className="text-base font-semibold text-tone">
            No agent can do this work
          </h2>
          <p className="text-sm text-ink-2">
            These subtasks are ready, but no registered agent has all that they need. They start by themselves once one
            does.
          </p>
        </div>
      </div>
      <ul>
        {missing.map(({ required_capabilities: needed, ready }) => (
          <Missing key={needed.join()} needed={needed} ready={ready} place={newPlace(needed, agents)} />
        ))}
      </ul>
    </section>
  );
}

interface MissingProps {
  needed: readonly string[];
  ready: number;
  place: ReturnType<typeof newPlace>;
}

function Missing({ needed, ready, place }: MissingProps) {
  return (
    <li className="grid grid-cols-[minmax(0,1fr)] gap-2 border-t px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <CapabilityList names={needed} />
        <span className="nums text-sm text-ink-2">{plural(ready, 'subtask')} waiting</span>
      </div>
      <StartAgent place={place} />
    </li>
  );
}
