// The task at a glance: what it is, how it stands, how far it is, what it took.
import { Link } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { isTaskEnded } from '../../../../src/domain/transitions.ts';
import type { TaskGraphResponse } from '../../../../src/protocol/dashboard-api.ts';
import { classes } from '../../design/classes.ts';
import { CopyButton } from '../../design/copy-button.tsx';
import { ProgressBar } from '../../design/progress-bar.tsx';
import { SUBTASK_LOOKS, TaskStatusBadge } from '../../design/status.tsx';
import { Ago, Elapsed } from '../../design/time.tsx';
import { formatCost, formatCount, formatWhole, plural } from '../../format/amount.ts';
import { formatDuration } from '../../format/time.ts';
import { type Counts, countsOf } from './counts.ts';
import { TaskActions } from './task-actions.tsx';

/** Descriptions longer than this begin folded. */
const LONG = 220;

export function TaskHeader({ graph }: { graph: TaskGraphResponse }) {
  const { task, nodes } = graph;
  return (
    <header className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <nav aria-label="Breadcrumb" className="-mb-2 flex h-8 items-center gap-1.5 text-xs text-ink-3">
        <Link to="/tasks" className="hover:text-ink">
          Tasks
        </Link>
        <span aria-hidden>/</span>
        <span className="font-mono">{task.id}</span>
        <CopyButton label="Copy the task's id" text={task.id} />
      </nav>
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <Description text={task.description} />
        <div className="ml-auto flex items-center gap-2">
          <TaskStatusBadge status={task.status} />
          <TaskActions taskId={task.id} status={task.status} />
        </div>
      </div>
      <Unserved nodes={nodes} />
      <Progress counts={countsOf(nodes)} total={nodes.length} />
      <Figures graph={graph} />
    </header>
  );
}

function Description({ text }: { text: string }) {
  const [open, setOpen] = useState(text.length <= LONG);
  return (
    <div className="min-w-0 flex-[1_1_28rem]">
      <h1 className={classes('text-lg font-semibold tracking-tight whitespace-pre-wrap', !open && 'line-clamp-2')}>
        {text}
      </h1>
      {text.length > LONG && (
        <button type="button" className="text-sm text-accent-ink hover:underline" onClick={() => setOpen(!open)}>
          {open ? 'Less' : 'All of it'}
        </button>
      )}
    </div>
  );
}

/** Subtasks that would wait for ever: nobody in the crew can run them. */
function Unserved({ nodes }: Pick<TaskGraphResponse, 'nodes'>) {
  const unserved = nodes.filter((node) => node.waiting?.reason === 'no_such_agent');
  const [first] = unserved;
  if (!first) return null;
  return (
    <p className="tone-amber tinted flex gap-2 rounded-md px-3 py-2 text-sm text-tone">
      <TriangleAlert aria-hidden size={14} className="mt-[3px] shrink-0" />
      {plural(unserved.length, 'subtask')} cannot run: {first.waiting?.message}.
    </p>
  );
}

const PARTS = ['completed', 'running', 'failed', 'blocked', 'cancelled'] as const;

function Progress({ counts, total }: { counts: Counts; total: number }) {
  if (total === 0) return null;
  const said = PARTS.filter((status) => status !== 'completed' && counts[status] > 0);
  return (
    <div className="grid gap-1.5">
      <ProgressBar
        label="Progress of the task"
        done={counts.completed}
        total={total}
        parts={PARTS.map((status) => ({ status, tone: SUBTASK_LOOKS[status].tone, amount: counts[status] }))}
      />
      <p className="nums text-sm text-ink-2">
        <span className="font-medium text-ink">
          {formatWhole(counts.completed)} of {plural(total, 'subtask')}
        </span>{' '}
        completed
        {said.map((status) => ` · ${formatWhole(counts[status])} ${SUBTASK_LOOKS[status].word.toLowerCase()}`)}
      </p>
    </div>
  );
}

function Figures({ graph }: { graph: TaskGraphResponse }) {
  const { task, estimated_seconds_left: left } = graph;
  const isEnded = isTaskEnded(task.status);
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-2">
      <Figure name={isEnded ? 'Took' : 'Elapsed'} more={wasRetried(graph) ? 'since the retry' : undefined}>
        <Elapsed from={task.started_at ?? task.created_at} to={task.finished_at} />
      </Figure>
      {!isEnded && (
        <Figure name="Time left" more={left === null ? 'no estimates' : 'estimated'}>
          {left === null ? '–' : formatDuration(left * 1_000)}
        </Figure>
      )}
      <Figure name="Cost">{formatCost(task.cost_usd)}</Figure>
      {task.budget_usd !== null && (
        <Figure name="Budget" more={`of ${formatCost(task.budget_usd)}`}>
          {formatCost(task.spent_usd)}
        </Figure>
      )}
      {task.max_turns !== null && (
        <Figure name="Turns" more={`of ${formatWhole(task.max_turns)}`}>
          {formatWhole(task.spent_turns)}
        </Figure>
      )}
      <Figure name="Tokens" more={`${formatCount(task.input_tokens)} in, ${formatCount(task.output_tokens)} out`}>
        {formatCount(task.input_tokens + task.output_tokens)}
      </Figure>
      <Figure name="Submitted" more={`by ${task.user_id}`}>
        <Ago at={task.created_at} />
      </Figure>
      {task.plan_source && <Figure name="Plan">{PLAN_WORDS[task.plan_source]}</Figure>}
    </dl>
  );
}

/** Whether there are attempts of before this run. */
function wasRetried({ task: { started_at: started }, attempts }: TaskGraphResponse): boolean {
  return started !== null && attempts.some((attempt) => attempt.started_at < started);
}

const PLAN_WORDS: Record<NonNullable<TaskGraphResponse['task']['plan_source']>, string> = {
  given: 'given',
  model: 'by the model',
  fallback: 'one subtask',
};

interface FigureProps {
  name: string;
  more?: string | undefined;
  children: ReactNode;
}

function Figure({ name, more, children }: FigureProps) {
  return (
    <div>
      <dt className="text-xs text-ink-3">{name}</dt>
      <dd className="nums flex items-baseline gap-1.5 text-base font-medium">
        {children}
        {more && <span className="text-xs font-normal text-ink-3">{more}</span>}
      </dd>
    </div>
  );
}
