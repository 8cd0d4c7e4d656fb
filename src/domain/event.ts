// An event: one committed change of a task or of one of its subtasks. A task's events are numbered from 1 without gaps.
import type { EventType } from './transitions.ts';

export interface TaskEvent {
  task_id: string;
  seq: number;
  type: EventType;
  subtask_id: string | null;
  data: Record<string, unknown>;
  created_at: string;
}
