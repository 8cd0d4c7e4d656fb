// How each level of a log line looks and reads.
import { Bug, CircleX, Info, TriangleAlert } from 'lucide-react';
import type { LogLevel } from '../../../../src/domain/log.ts';
import { classes } from '../../design/classes.ts';
import { type Look, LookIcon } from '../../design/status.tsx';

export const LEVEL_LOOKS = {
  DEBUG: { word: 'Debug', icon: Bug, tone: 'grey' },
  INFO: { word: 'Info', icon: Info, tone: 'blue' },
  WARN: { word: 'Warn', icon: TriangleAlert, tone: 'amber' },
  ERROR: { word: 'Error', icon: CircleX, tone: 'red' },
} as const satisfies Record<LogLevel, Look>;

export function LevelWord({ level }: { level: LogLevel }) {
  const look = LEVEL_LOOKS[level];
  return (
    <span className={classes(`tone-${look.tone}`, 'inline-flex items-center gap-1.5 text-tone')}>
      <LookIcon look={look} size={12} />
      {look.word}
    </span>
  );
}
