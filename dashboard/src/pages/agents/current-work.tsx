// What an agent works on now, each a link to its place on the task's page.
import { Link } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import type { AgentActivity } from '../../../../src/protocol/dashboard-api.ts';
import { Elapsed } from '../../design/time.tsx';

export function CurrentWork({ agent }: { agent: AgentActivity }) {
  return (
    <div className="border-t px-4 py-2.5">
      <div className="mb-1 flex items-baseline justify-between gap-2">
        <h3 className="text-xs text-ink-3">Works on</h3>
        <Link
          to="/logs"
          search={{ agent: agent.agent_id }}
          className="inline-flex items-center gap-1 rounded-sm text-xs text-accent-ink hover:underline"
        >
          <ScrollText aria-hidden size={12} />
          Logs<span className="sr-only"> of {agent.agent_id}</span>
        </Link>
      </div>
      {agent.current.length === 0 && <p className="text-sm text-ink-3">Nothing now</p>}
      <ul>
        {agent.current.map((work) => (
          <li key={work.subtask_id} className="flex items-baseline gap-3 py-0.5 text-sm">
            <Link
              to="/tasks/$taskId"
              params={{ taskId: work.task_id }}
              search={{ subtask: work.subtask_id }}
              title={work.description}
              className="min-w-0 grow truncate rounded-sm text-ink hover:text-accent-ink hover:underline"
            >
              {work.description}
            </Link>
            {work.attempt > 1 && <span className="nums shrink-0 text-xs text-ink-3">attempt {work.attempt}</span>}
            <span className="shrink-0 text-xs text-ink-2">
              <Elapsed from={work.started_at} to={null} />
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
