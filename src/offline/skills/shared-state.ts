// Shared state by name: "set shared state total to 5", "read shared state total", "increment shared state total by 2".
// An increment is compare-and-set, so agents that count at the same time lose nothing.
import { isObject, parseJson } from '../prompt.ts';
import { cannot, done, type Outcome, type Skill, type Steps } from '../skill.ts';
import type { Work } from '../work.ts';

const KEY = String.raw`["'\x60]?([\w.:-]*\w)["'\x60]?`;
const STATE = `shared[ -]state(?: (?:key|value|entry|counter))?(?: (?:called|named|of))? ${KEY}`;
const SET = new RegExp(String.raw`\bset ${STATE} (?:to|=|as) ([\s\S]+)`, 'i');
const INCREMENT = new RegExp(String.raw`\b(?:increment|increase) ${STATE}(?: by (-?\d+(?:\.\d+)?))?`, 'i');
const READ = new RegExp(String.raw`\b(?:read|get|show|look up|what is)(?: the)?(?: value of)? ${STATE}`, 'i');
const MAX_TRIES = 3;

export const sharedState: Skill = {
  fits: ({ text }) => [SET, INCREMENT, READ].some((wording) => wording.test(text)),
  *run(work) {
    const set = SET.exec(work.text);
    if (set) return yield* write(set[1] ?? '', valueFor(work, set[2] ?? ''));
    const increment = INCREMENT.exec(work.text);
    if (increment) return yield* add(increment[1] ?? '', Number(increment[2] ?? 1));
    const key = READ.exec(work.text)?.[1] ?? '';
    const { value, version } = yield* read(key);
    return done(
      version === 0 ? `Shared state has no key ${key}.` : `Shared state ${key} is ${JSON.stringify(value)}.`,
      { key, result: value, version, found: version !== 0 },
    );
  },
};

function* write(key: string, value: unknown): Steps<Outcome> {
  yield { tool: 'set_shared_state', input: { key, value }, say: `I set shared state ${key}.` };
  const back = yield* read(key);
  return done(`Set shared state ${key} to ${JSON.stringify(back.value)} (version ${back.version}).`, {
    key,
    result: back.value,
    version: back.version,
  });
}

function* add(key: string, by: number): Steps<Outcome> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const { value, version } = yield* read(key);
    const before = value ?? 0;
    if (typeof before !== 'number')
      return cannot(`Shared state ${key} is not a number: ${JSON.stringify(value)}.`, { key });
    const answer = yield {
      tool: 'set_shared_state',
      input: { key, value: before + by, expected_version: version },
      say: `I set shared state ${key} to ${before + by} if nobody changed it meanwhile.`,
      mayFail: true,
    };
    if (!answer.isError)
      return done(`Raised shared state ${key} from ${before} to ${before + by}.`, { key, result: before + by });
  }
  return cannot(`Shared state ${key} was changed by others each of the ${MAX_TRIES} times it was to be raised.`, {
    key,
  });
}

function* read(key: string): Steps<{ value: unknown; version: number }> {
  const answer = yield { tool: 'get_shared_state', input: { key }, say: `I read shared state ${key}.` };
  const parsed = parseJson(answer.text);
  return isObject(parsed)
    ? { value: parsed.value ?? null, version: Number(parsed.version ?? 0) }
    : { value: null, version: 0 };
}

function valueFor(work: Work, text: string): unknown {
  const plain = text.trim().replace(/\.$/, '');
  const earlier = work.dependencies[0]?.data.result;
  if (/^(?:the )?(?:previous )?(?:result|answer|value)$|^it$/i.test(plain) && earlier !== undefined) return earlier;
  return parseJson(plain.replace(/^['`]([\s\S]*)['`]$/, '$1'));
}
