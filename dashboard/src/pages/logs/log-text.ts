// Log lines as plain text, for pasting elsewhere.
import type { LogLine } from '../../data/log-buffer.ts';

const COPIED = 1_000;

/** The newest lines, oldest first as a terminal shows them. */
export function copyText(lines: readonly LogLine[]): string {
  return lines
    .slice(0, COPIED)
    .toReversed()
    .map(({ time, level, agent_id, message }) => `${time} ${level.padEnd(5)} ${agent_id} ${message}`)
    .join('\n');
}
