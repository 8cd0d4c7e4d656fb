// "Fetch https://…": one http_request. A fetch without an address is answered plainly: the offline model knows no
// services, and says so in `data.available` for the steps that follow.
import { isObject, parseJson } from '../prompt.ts';
import { cannot, done, type Outcome, type Skill, type Steps } from '../skill.ts';
import type { Work } from '../work.ts';

const HANDED_ON_CHARACTERS = 10_000;
const FETCH = /\b(?:fetch|download|scrape|crawl|retrieve|request|call|pull|get|collect|look up|search the web)\b/i;
const SOURCE = /\b(?:apis?|web|websites?|sites?|pages?|urls?|internet|online|weather|news|service|endpoint|server)\b/i;

export const http: Skill = {
  fits: (work) =>
    addressOf(work) !== undefined ||
    /^(?:fetch|scrape|crawl|download)\b/i.test(work.text) ||
    (FETCH.test(work.text) && SOURCE.test(work.text)),
  *run(work) {
    const url = addressOf(work);
    if (url === undefined) {
      return done(
        'Nothing was fetched: no URL was given, and the offline model knows no services it could reach. Give the URL, or set ANTHROPIC_API_KEY and leave MUSTER_MODEL unset for real work.',
        { available: false },
      );
    }
    return yield* request(work, url);
  },
};

function addressOf(work: Work): string | undefined {
  const inText = /https?:\/\/[^\s<>"'`)\]]+/i.exec(work.text)?.[0].replace(/[.,;:!?]+$/, '');
  const given = isObject(work.inputData) ? work.inputData.url : undefined;
  return inText ?? (typeof given === 'string' && FETCH.test(work.text) ? given : undefined);
}

function* request(work: Work, url: string): Steps<Outcome> {
  const method = /\b(POST|PUT|DELETE|PATCH|HEAD)\b/.exec(work.text)?.[1] ?? 'GET';
  const answer = yield { tool: 'http_request', input: { url, method }, say: `I request ${url} with http_request.` };
  const parsed = parseJson(answer.text);
  const response = isObject(parsed) ? parsed : {};
  const body = typeof response.body === 'string' ? response.body : '';
  const status = Number(response.status ?? 0);
  const data = {
    available: status < 400,
    url,
    status,
    content: body.slice(0, HANDED_ON_CHARACTERS),
    truncated: response.truncated === true || body.length > HANDED_ON_CHARACTERS,
  };
  const told = `${method} ${url} answered ${status} with ${body.length} characters`;
  return status < 400 ? done(`${told}.`, data) : cannot(`${told}, so it was not fetched.`, data);
}
