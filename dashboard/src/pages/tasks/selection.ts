// Which tasks of the page are selected, and what may be done with them.
import { useState } from 'react';
import { TASK_TRANSITIONS, type TaskStatus } from '../../../../src/domain/transitions.ts';
import type { TaskSummary } from '../../../../src/protocol/api.ts';

export type BulkAction = 'cancel' | 'retry';

export interface Selection {
  ids: ReadonlySet<string>;
  tasks: readonly TaskSummary[];
  all: boolean;
  toggle: (id: string) => void;
  toggleAll: () => void;
  clear: () => void;
}

/** A selected task that left the page is selected no longer. */
export function useSelection(shown: readonly TaskSummary[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const tasks = shown.filter((task) => chosen.has(task.id));
  const ids = new Set(tasks.map((task) => task.id));
  const all = shown.length > 0 && ids.size === shown.length;
  return {
    ids,
    tasks,
    all,
    toggle: (id) => setChosen(toggled(ids, id)),
    toggleAll: () => setChosen(all ? new Set() : new Set(shown.map((task) => task.id))),
    clear: () => setChosen(new Set()),
  };
}

export function toggled(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return ids.has(id) ? new Set([...ids].filter((other) => other !== id)) : new Set([...ids, id]);
}

/** The tasks whose state allows the action. */
export function allowing(action: BulkAction, tasks: readonly TaskSummary[]): readonly TaskSummary[] {
  const from: readonly TaskStatus[] = TASK_TRANSITIONS[action].from;
  return tasks.filter((task) => from.includes(task.status));
}
