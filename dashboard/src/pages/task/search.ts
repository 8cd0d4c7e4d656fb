// What the address of a task holds: which view, which subtask is selected, what is filtered.
import { z } from 'zod';
import { SUBTASK_STATUSES } from '../../../../src/domain/transitions.ts';

export const TASK_VIEWS = ['graph', 'timeline', 'table', 'files'] as const;
export type TaskView = (typeof TASK_VIEWS)[number];

export const PANEL_TABS = ['overview', 'output', 'log'] as const;
export type PanelTab = (typeof PANEL_TABS)[number];

export const SORTS = ['position', 'status', 'duration', 'cost', 'attempt'] as const;
export type Sort = (typeof SORTS)[number];

export const taskSearch = z.object({
  view: z.enum(TASK_VIEWS).optional().catch(undefined),
  /** Id of the selected subtask. */
  subtask: z.string().optional().catch(undefined),
  /** What the side panel shows of it. */
  show: z.enum(PANEL_TABS).optional().catch(undefined),
  status: z.enum(SUBTASK_STATUSES).optional().catch(undefined),
  /** Words that a subtask's title contains. */
  text: z.string().optional().catch(undefined),
  sort: z.enum(SORTS).optional().catch(undefined),
  descending: z.boolean().optional().catch(undefined),
  /** Path of the file that is shown. */
  file: z.string().optional().catch(undefined),
});
export type TaskSearch = z.infer<typeof taskSearch>;
