// "Search earlier results for X": one embedding_search, and what it found.
import { isObject, parseJson } from '../prompt.ts';
import { done, type Skill } from '../skill.ts';

const SEARCH = /\b(?:search|find|look)\b.*?\b(?:earlier|previous|past|stored)\b.*?\b(?:for|about|on|with)\s+([\s\S]+)/i;

export const earlierResults: Skill = {
  fits: ({ text }) => SEARCH.test(text),
  *run(work) {
    const query = (SEARCH.exec(work.text)?.[1] ?? '').replace(/^["'`]|["'`]?[.?!]*$/g, '');
    const answer = yield {
      tool: 'embedding_search',
      input: { query, limit: 5 },
      say: `I search earlier results for "${query}".`,
    };
    const found = parseJson(answer.text);
    const hits = Array.isArray(found) ? found.filter(isObject) : [];
    const titles = hits.map((each) => String(each.title ?? each.source ?? each.task_id)).join('; ');
    const told = hits.length === 0 ? 'nothing' : `${hits.length} (${titles})`;
    return done(`Searched earlier results for "${query}" and found ${told}.`, { query, result: hits.length, hits });
  },
};
