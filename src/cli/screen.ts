// Two ways to show a task that changes: redrawn in place on a terminal, or lines that are only ever added elsewhere.
import type { TaskView } from '../protocol/client.ts';
import { type Io, widthOf, writeLines } from './io.ts';
import { headLine, type Layout, subtaskLine, taskLines } from './task-view.ts';

export interface Screen {
  show(task: TaskView): void;
}

export function screenFor(io: Io): Screen {
  return io.stdout.isTTY ? liveScreen(io) : growingScreen(io);
}

const UP = (lines: number) => (lines > 0 ? `\x1b[${lines}A` : '');
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';
/** Without automatic wrapping each line stays one line, whatever the terminal makes of a character's width. */
const WRAP_OFF = '\x1b[?7l';
const WRAP_ON = '\x1b[?7h';

function liveScreen(io: Io): Screen {
  let drawn = 0;
  return {
    show(task) {
      const lines = taskLines(task, layoutOf(io, (io.stdout.rows || 24) - 1));
      const body = lines.map((line) => `\r${line}${CLEAR_LINE}\n`).join('');
      io.stdout.write(`${WRAP_OFF}${UP(drawn)}${body}${CLEAR_BELOW}${WRAP_ON}`);
      drawn = lines.length;
    },
  };
}

/** A line when the task's state changes, and one for each subtask whose state, agent or waiting reason does. */
function growingScreen(io: Io): Screen {
  const said = new Map<string, string>();
  const isNews = (id: string, state: string) => {
    if (said.get(id) === state) return false;
    said.set(id, state);
    return true;
  };
  return {
    show(task) {
      const layout = layoutOf(io);
      const news = task.subtasks.filter((subtask) =>
        isNews(subtask.id, `${subtask.status} ${subtask.agent_id} ${subtask.waiting?.message}`),
      );
      const lines = news.map((subtask) => subtaskLine(subtask, layout));
      writeLines(io.stdout, isNews(task.id, task.status) ? [headLine(task, layout), ...lines] : lines);
    },
  };
}

export function layoutOf(io: Io, height = Number.POSITIVE_INFINITY): Layout {
  return { colors: io.colors, now: io.now(), width: widthOf(io.stdout), height };
}
