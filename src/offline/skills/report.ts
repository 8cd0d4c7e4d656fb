// "Generate a report": writes output/report.md out of what the steps before it handed over. It states what they found
// and what they did not; it draws no conclusion.
import { done, type Skill, type Steps } from '../skill.ts';
import type { Dependency, Work } from '../work.ts';
import { fileNamed } from './file-text.ts';
import { writeAndConfirm } from './file-writing.ts';
import { statistics } from './statistics.ts';
import { tableAtHand } from './table-source.ts';

const DATA_CHARACTERS = 4000;

export const report: Skill = {
  fits: ({ text }) =>
    /\b(?:generate|create|write|prepare|produce|draft|compile|make|build)\b.*\b(?:report|summary)\b|^report\b/is.test(
      text,
    ),
  *run(given) {
    const work = yield* withOwnData(given);
    const content = compose(work);
    const withData = work.dependencies.filter(hasData).length;
    const about = `a report on ${work.dependencies.length} ${work.dependencies.length === 1 ? 'result' : 'results'}${withData === 0 ? ', none of which had data' : ''}`;
    if (!work.tools.has('write_file')) return done(`Made ${about}.`, { report: content, data_available: withData > 0 });
    const outcome = yield* writeAndConfirm(fileNamed(work.text) ?? 'report.md', content);
    return {
      ...outcome,
      summary: outcome.success ? `Wrote ${about} to ${outcome.data.path}.` : outcome.summary,
      data: { ...outcome.data, data_available: withData > 0 },
    };
  },
};

// A report that nothing was prepared for, but that has a table to look at, is prepared here.
function* withOwnData(work: Work): Steps<Work> {
  if (work.dependencies.length > 0 || (work.files.length === 0 && tableAtHand(work) === undefined)) return work;
  const { summary, data } = yield* statistics.run(work);
  return { ...work, dependencies: [{ description: 'Statistics of the data', summary, data }] };
}

function compose(work: Work): string {
  const sections = work.dependencies.map((each) => section(each));
  if (sections.length === 0) sections.push('No earlier step handed over a result, so there is nothing to report on.\n');
  else if (!work.dependencies.some(hasData)) sections.unshift('No data was available to the steps below.\n');
  return [
    `# Report\n`,
    `Task: ${work.task || work.text}\n`,
    ...sections,
    `---\nPut together by rules, by Muster's offline model, from what the earlier steps reported.\n`,
  ].join('\n');
}

function section({ description, summary, data }: Dependency): string {
  const shown = Object.fromEntries(Object.entries(data).filter(([key]) => key !== 'model'));
  const json = JSON.stringify(shown, null, 2);
  const cut = json.length > DATA_CHARACTERS ? `${json.slice(0, DATA_CHARACTERS)}\n… (cut)` : json;
  // Four backticks, so that a code fence inside the data cannot end the block.
  return `## ${description}\n\n${summary}\n\n\`\`\`\`json\n${cut}\n\`\`\`\`\n`;
}

function hasData({ data }: Dependency): boolean {
  return data.available !== false && data.found !== false && Object.keys(data).some((key) => key !== 'model');
}
