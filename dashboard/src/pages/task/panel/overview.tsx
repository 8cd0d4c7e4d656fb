// What a subtask is, why it does not run, what it was given, and how its attempts went.
import { Link } from '@tanstack/react-router';
import { CircleAlert, Clock } from 'lucide-react';
import type { ReactNode } from 'react';
import type { GraphNode, SubtaskDetailResponse } from '../../../../../src/protocol/dashboard-api.ts';
import { classes } from '../../../design/classes.ts';
import { JsonTree } from '../../../design/json-tree.tsx';
import { LookIcon, SUBTASK_LOOKS } from '../../../design/status.tsx';
import { Elapsed, useNow } from '../../../design/time.tsx';
import { formatCost, formatCount } from '../../../format/amount.ts';
import { formatClock, formatDuration } from '../../../format/time.ts';

interface OverviewProps {
  node: GraphNode;
  detail: SubtaskDetailResponse;
  onSelect: (subtaskId: string) => void;
}

export function Overview({ node, detail, onSelect }: OverviewProps) {
  const { subtask, inputs, dependents } = detail;
  return (
    <div className="grid gap-5">
      <Reason node={node} />
      <p className="whitespace-pre-wrap">{subtask.description}</p>
      <Facts node={node} detail={detail} />
      {inputs.length > 0 && (
        <Section title="Inputs from dependencies">
          {inputs.map((input) => (
            <div key={input.id}>
              <Neighbour {...input} onSelect={onSelect} />
              {input.output && (
                <div className="mt-1 ml-5">
                  <JsonTree value={input.output} depth={1} name="output" />
                </div>
              )}
            </div>
          ))}
        </Section>
      )}
      {Object.keys(subtask.input_data).length > 0 && (
        <Section title="Input data">
          <JsonTree value={subtask.input_data} />
        </Section>
      )}
      {dependents.length > 0 && (
        <Section title="Needed by">
          {dependents.map((dependent) => (
            <Neighbour key={dependent.id} {...dependent} onSelect={onSelect} />
          ))}
        </Section>
      )}
      <Attempts detail={detail} />
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid gap-1.5">
      <h3 className="text-xs font-medium text-ink-3">{title}</h3>
      {children}
    </section>
  );
}

/** The sentence a person wants when nothing seems to happen. */
function Reason({ node: { waiting, error, status } }: { node: GraphNode }) {
  if (waiting) {
    const alarming = waiting.reason === 'no_such_agent';
    return (
      <p
        className={classes(
          alarming ? 'tone-amber' : 'tone-cyan',
          'tinted flex gap-2 rounded-md px-3 py-2 text-sm text-tone',
        )}
      >
        <Clock aria-hidden size={14} className="mt-[3px] shrink-0" />
        <span>{waiting.until ? <Countdown until={waiting.until} /> : `It ${waiting.message}.`}</span>
      </p>
    );
  }
  if (!error || status === 'completed') return null;
  return (
    <p className="tone-red tinted flex gap-2 rounded-md px-3 py-2 text-sm text-tone">
      <CircleAlert aria-hidden size={14} className="mt-[3px] shrink-0" />
      <span className="whitespace-pre-wrap">{error}</span>
    </p>
  );
}

function Countdown({ until }: { until: string }) {
  const left = Date.parse(until) - useNow();
  const when = formatClock(until);
  return (
    <>
      {left > 0
        ? `Backing off: the next retry is in ${formatDuration(left)}, at ${when}.`
        : `Its retry is due since ${when}.`}
    </>
  );
}

function Facts({ node, detail: { subtask, attempts_max } }: Pick<OverviewProps, 'node' | 'detail'>) {
  const estimated = subtask.estimated_duration;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
      <Fact name="Capabilities">{subtask.required_capabilities.join(', ')}</Fact>
      <Fact name="Agent">{node.agent_id ? <AgentLink id={node.agent_id} /> : '–'}</Fact>
      <Fact name="Attempt">{attemptWords(node, attempts_max)}</Fact>
      <Fact name="Duration">
        <Elapsed from={node.started_at} to={node.finished_at} />
        {estimated !== null && <span className="text-ink-3"> of {formatDuration(estimated * 1_000)} estimated</span>}
      </Fact>
      <Fact name="Priority">{subtask.priority}</Fact>
      <Fact name="Cost">
        {formatCost(node.cost_usd)}
        <span className="text-ink-3">
          {' '}
          for {formatCount(node.input_tokens)} tokens in, {formatCount(node.output_tokens)} out
        </span>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{name}</dt>
      <dd className="nums">{children}</dd>
    </>
  );
}

/** Attempts that were handed back unstarted count in `attempt` and use up none of the allowed ones. */
function attemptWords({ attempt, failures }: GraphNode, most: number): string {
  if (attempt === 0) return `none of ${most} yet`;
  if (attempt > most) return `${attempt}, with ${failures} of ${most} failures`;
  return `${attempt} of ${most}`;
}

function AgentLink({ id }: { id: string }) {
  return (
    <Link to="/agents" className="text-accent-ink hover:underline">
      {id}
    </Link>
  );
}

type NeighbourProps = SubtaskDetailResponse['dependents'][number] & Pick<OverviewProps, 'onSelect'>;

function Neighbour({ id, position, description, status, onSelect }: NeighbourProps) {
  return (
    <button
      type="button"
      onClick={() => onSelect(id)}
      className="group flex w-full min-w-0 items-center gap-1.5 text-left text-sm"
    >
      <LookIcon look={SUBTASK_LOOKS[status]} />
      <span className="nums shrink-0 text-ink-3">#{position}</span>
      <span className="truncate group-hover:underline">{description}</span>
      <span className="sr-only">{SUBTASK_LOOKS[status].word}</span>
    </button>
  );
}

function Attempts({ detail: { results } }: Pick<OverviewProps, 'detail'>) {
  if (results.length === 0) return null;
  return (
    <Section title="Attempts that ended">
      <ol className="grid gap-1.5">
        {results.map((result) => (
          <li key={result.attempt} className="text-sm">
            <div className="flex items-center gap-1.5">
              <LookIcon look={SUBTASK_LOOKS[result.status]} />
              <span>
                {result.attempt}. {SUBTASK_LOOKS[result.status].word.toLowerCase()}
              </span>
              <span className="text-ink-3">{result.agent_id}</span>
              <span className="nums ml-auto text-ink-3">{formatDuration(result.execution_time * 1_000)}</span>
            </div>
            {result.error && (
              <p className="ml-5 text-xs whitespace-pre-wrap text-danger">
                {result.error_code && <span className="font-mono">{result.error_code}: </span>}
                {result.error}
              </p>
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}
