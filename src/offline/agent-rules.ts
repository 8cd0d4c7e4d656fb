// An agent's next move: picks the first skill that fits the subtask, replays it over the calls so far and turns its
// request or outcome into a tool call. Marks every outcome as the offline model's.
import type { JsonObject } from './prompt.ts';
import { type Outcome, replay, type Skill } from './skill.ts';
import { arithmetic } from './skills/arithmetic.ts';
import { combining } from './skills/combining.ts';
import { earlierResults } from './skills/earlier-results.ts';
import { fileListing, fileReading } from './skills/file-reading.ts';
import { fileWriting } from './skills/file-writing.ts';
import { http } from './skills/http.ts';
import { report } from './skills/report.ts';
import { sharedState } from './skills/shared-state.ts';
import { sql } from './skills/sql.ts';
import { statistics } from './skills/statistics.ts';
import { unable } from './skills/unable.ts';
import { waiting } from './skills/waiting.ts';
import type { Work } from './work.ts';

const FINAL_TOOL = 'StructuredOutput';

// From the most specific wording to the least: "write the sum of 1 to 9 to a file" is for the writer, not the calculator.
const SKILLS: readonly Skill[] = [
  waiting,
  sharedState,
  earlierResults,
  fileWriting,
  sql,
  report,
  combining,
  statistics,
  fileListing,
  fileReading,
  arithmetic,
  http,
  unable,
];

/** `tool` is the full offered name; undefined when the answer must be text because StructuredOutput is not offered. */
export interface Move {
  tool: string | undefined;
  input: JsonObject;
  say: string;
}

export function nextMove(work: Work): Move {
  const calls = work.calls.filter((call) => call.tool !== FINAL_TOOL);
  const skill = SKILLS.find((each) => each.fits(work)) ?? unable;
  const next = replay(skill.run(work), calls);
  if ('outcome' in next) return finish(work, next.outcome);
  const tool = work.tools.get(next.request.tool);
  if (tool === undefined) return finish(work, notOffered(next.request.tool));
  return { tool, input: next.request.input, say: next.request.say };
}

function finish(work: Work, outcome: Outcome): Move {
  return {
    tool: work.tools.get(FINAL_TOOL),
    input: {
      success: outcome.success,
      summary: `${outcome.summary} (offline model)`,
      data: { ...outcome.data, model: 'offline' },
    },
    say: outcome.success ? 'I hand in the result.' : 'I hand in what went wrong.',
  };
}

function notOffered(tool: string): Outcome {
  return {
    success: false,
    summary: `This needs the tool ${tool}, which this subtask was not granted; ask for a capability that brings it.`,
    data: { missing_tool: tool },
  };
}
