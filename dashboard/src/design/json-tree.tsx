// A JSON value, folded: what is small is open, what is large opens on demand.
import type { ReactNode } from 'react';

const OPEN_UP_TO = 8;
const OPEN_DEPTH = 2;
/** Elements of one value that are shown. */
const SHOWN = 200;

interface JsonTreeProps {
  value: unknown;
  name?: string;
  depth?: number;
}

export function JsonTree({ value, name, depth = 0 }: JsonTreeProps) {
  if (typeof value !== 'object' || value === null) {
    return (
      <Line name={name}>
        <Scalar value={value} />
      </Line>
    );
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return <Line name={name}>{Array.isArray(value) ? '[]' : '{}'}</Line>;
  return (
    <details open={depth < OPEN_DEPTH && entries.length <= OPEN_UP_TO} className="font-mono text-xs leading-5">
      <summary className="text-ink-2 marker:text-ink-3">
        {name !== undefined && <span className="text-accent-ink">{name}: </span>}
        <span className="text-ink-3">{sizeOf(value, entries.length)}</span>
      </summary>
      <div className="ml-1.5 border-l pl-3">
        {entries.slice(0, SHOWN).map(([key, child]) => (
          <JsonTree key={key} name={key} value={child} depth={depth + 1} />
        ))}
        {entries.length > SHOWN && <p className="text-ink-3">… {entries.length - SHOWN} more: download to see all</p>}
      </div>
    </details>
  );
}

function Line({ name, children }: { name: string | undefined; children: ReactNode }) {
  return (
    <div className="font-mono text-xs leading-5 whitespace-pre-wrap">
      {name !== undefined && <span className="text-accent-ink">{name}: </span>}
      {children}
    </div>
  );
}

function Scalar({ value }: { value: unknown }) {
  if (typeof value === 'string') return <span className="text-ink">{value === '' ? '""' : value}</span>;
  return <span className="text-success">{String(value)}</span>;
}

function sizeOf(value: object, count: number): string {
  return Array.isArray(value) ? `[ ${count} ]` : `{ ${count} }`;
}
