// How each status looks and reads. The tables are exhaustive over domain/transitions.ts: a new status does not compile
// until it has a word, an icon and a tone here.
import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleSlash,
  CircleX,
  LoaderCircle,
  type LucideIcon,
} from 'lucide-react';
import type { SubtaskStatus, TaskStatus } from '../../../src/domain/transitions.ts';
import { classes } from './classes.ts';

export type Tone = 'grey' | 'blue' | 'cyan' | 'green' | 'red' | 'orange' | 'amber' | 'accent';

export interface Look {
  word: string;
  icon: LucideIcon;
  tone: Tone;
}

export const TASK_LOOKS = {
  pending: { word: 'Planning', icon: CircleDashed, tone: 'grey' },
  in_progress: { word: 'In progress', icon: LoaderCircle, tone: 'blue' },
  completed: { word: 'Completed', icon: CircleCheck, tone: 'green' },
  failed: { word: 'Failed', icon: CircleX, tone: 'red' },
  cancelled: { word: 'Cancelled', icon: CircleSlash, tone: 'grey' },
} as const satisfies Record<TaskStatus, Look>;

export const SUBTASK_LOOKS = {
  pending: { word: 'Pending', icon: CircleDashed, tone: 'grey' },
  ready: { word: 'Ready', icon: CircleDot, tone: 'cyan' },
  running: { word: 'Running', icon: LoaderCircle, tone: 'blue' },
  completed: { word: 'Completed', icon: CircleCheck, tone: 'green' },
  failed: { word: 'Failed', icon: CircleX, tone: 'red' },
  blocked: { word: 'Blocked', icon: Ban, tone: 'orange' },
  cancelled: { word: 'Cancelled', icon: CircleSlash, tone: 'grey' },
} as const satisfies Record<SubtaskStatus, Look>;

export function TaskStatusBadge({ status }: { status: TaskStatus }) {
  return <LookBadge look={TASK_LOOKS[status]} />;
}

export function SubtaskStatusBadge({ status }: { status: SubtaskStatus }) {
  return <LookBadge look={SUBTASK_LOOKS[status]} />;
}

/** Icon and word on a tint: for headers and rows. */
export function LookBadge({ look }: { look: Look }) {
  return (
    <span
      className={classes(
        `tone-${look.tone}`,
        'tinted inline-flex items-center gap-1.5 rounded-md px-1.5 py-0.5 text-xs font-medium whitespace-nowrap text-tone',
      )}
    >
      <LookIcon look={look} />
      {look.word}
    </span>
  );
}

/** The icon alone; whoever uses it says the word beside it, or in a label. */
export function LookIcon({ look, size = 14 }: { look: Look; size?: number }) {
  const { icon: Icon, tone } = look;
  const turns = Icon === LoaderCircle;
  return (
    <Icon aria-hidden size={size} className={classes(`tone-${tone}`, 'shrink-0 text-tone', turns && 'animate-turn')} />
  );
}
