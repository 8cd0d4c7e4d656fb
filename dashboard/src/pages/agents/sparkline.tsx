// A small chart of percents over time beside its newest value. What it shows is said in words too.
import type { Tone } from '../../design/status.tsx';
import { linePoints, lineWords, type Reading } from './sparkline-path.ts';

const BOX = { width: 120, height: 28 };

interface SparklineProps {
  label: string;
  now: number;
  tone: Tone;
  readings: readonly Reading[];
}

export function Sparkline({ label, now, tone, readings }: SparklineProps) {
  const points = linePoints(readings, BOX);
  return (
    <div className={`tone-${tone} min-w-0`}>
      <div className="flex items-baseline justify-between gap-2 text-xs">
        <span className="text-ink-3">{label}</span>
        <span className="nums font-medium text-ink">{Math.round(now)}%</span>
      </div>
      <svg
        role="img"
        aria-label={`${label}: ${Math.round(now)}% now, ${lineWords(readings)}`}
        viewBox={`0 0 ${BOX.width} ${BOX.height}`}
        preserveAspectRatio="none"
        className="mt-1 h-7 w-full overflow-visible border-b"
      >
        {readings.length > 1 && (
          <>
            <polygon
              points={`0,${BOX.height} ${points} ${BOX.width},${BOX.height}`}
              fill="var(--fill)"
              opacity={0.14}
            />
            <polyline
              points={points}
              fill="none"
              stroke="var(--tone)"
              strokeWidth={1.5}
              strokeLinejoin="round"
              vectorEffect="non-scaling-stroke"
            />
          </>
        )}
      </svg>
    </div>
  );
}
