// How the findings of `muster doctor` look: a line for each, and below it what to do. Pure.
import type { Finding, Verdict } from '../boot/doctor/finding.ts';
import type { Io } from './io.ts';
import { table } from './table.ts';
import { oneLine } from './text.ts';

type Colors = Io['colors'];

const MARKS: Record<Verdict, string> = { ok: '✓', warning: '!', wrong: '✗' };

export function findingLines(findings: readonly Finding[], colors: Colors): string[] {
  const lines = table<Finding>(
    [
      {
        title: '',
        text: ({ verdict }) => MARKS[verdict],
        paint: (cell, { verdict }) => paintOf(colors, verdict)(cell),
      },
      { title: '', text: ({ check }) => check },
      { title: '', text: ({ verdict }) => verdict, paint: (cell, { verdict }) => paintOf(colors, verdict)(cell) },
      // Never cut: it says what to look at.
      { title: '', text: ({ message }) => message },
    ],
    findings,
    { width: Number.POSITIVE_INFINITY },
  );
  return findings.flatMap(({ mend }, at) => [lines[at] ?? '', ...(mend ? [`     → ${oneLine(mend)}`] : [])]);
}

function paintOf(colors: Colors, verdict: Verdict): (text: string) => string {
  if (verdict === 'wrong') return colors.red;
  return verdict === 'warning' ? colors.yellow : colors.green;
}
