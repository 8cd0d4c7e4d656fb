// What the address of a task holds: which view, and which subtask is selected.
import { z } from 'zod';

export const TASK_VIEWS = ['graph', 'timeline', 'table'] as const;
export type TaskView = (typeof TASK_VIEWS)[number];

export const taskSearch = z.object({
  view: z.enum(TASK_VIEWS).optional().catch(undefined),
  /** Id of the selected subtask. */
  subtask: z.string().optional().catch(undefined),
  /** Whether the files are shown instead of the views. */
  tab: z.enum(['work', 'files']).optional().catch(undefined),
});
export type TaskSearch = z.infer<typeof taskSearch>;
