// Arithmetic: computes what the subtask asks for with run_code, or by itself when the tool is not offered, and says
// which. "the result" in the text stands for the number of the one step it depends on.
import { isObject, parseJson } from '../prompt.ts';
import { cannot, done, type Outcome, type Skill, type Steps } from '../skill.ts';
import type { Work } from '../work.ts';
import { type Calculation, findCalculations } from './calculations.ts';

/** A result as JSON carries it: integers beyond 2^53 are decimal strings. */
type Result = number | string | boolean | Result[] | null;

const CUE =
  /\b(?:calculat|comput|evaluat|solve|what(?:'s| is| are)|how much|determine|find|work out|add|multiply|divide|subtract|double|square|cube|sum|product|factorial|fibonacci|primes?|gcd|lcm|average|mean|median|percent|times|plus|minus)|^[\d\s().+\-*/%^=?:]+$|%/i;

export const arithmetic: Skill = {
  fits: (work) => CUE.test(work.text) && findCalculations(withResult(work)).length > 0,
  run: (work) => calculate(work, withResult(work)),
};

/** Computes every calculation in `text`. */
export function* calculate(work: Work, text: string): Steps<Outcome> {
  const calculations = findCalculations(text);
  const tooLarge = calculations.find((each) => each.tooLarge);
  if (tooLarge) return cannot(`${tooLarge.label} is larger than the offline model computes.`);
  const byTool = work.tools.has('run_code');
  const results = byTool ? yield* runAll(calculations) : calculations.map((each) => readResult(each.value()));
  return report(calculations, results, byTool);
}

function* runAll(calculations: Calculation[]): Steps<Result[]> {
  const only = calculations.length === 1 ? calculations[0] : undefined;
  const answer = yield {
    tool: 'run_code',
    input: { code: only?.code ?? listCode(calculations) },
    say: `I calculate ${calculations.map((each) => each.label).join(' and ')} with run_code.`,
  };
  const parsed = parseJson(answer.text);
  const result = readResult(isObject(parsed) ? parsed.result : undefined);
  return only === undefined && Array.isArray(result) ? result : [result];
}

// BigInt has no JSON form, and only a lone one is turned into a decimal string by the tool.
function listCode(calculations: Calculation[]): string {
  const lines = calculations.map((each) => `  ${each.code}, // ${each.label}\n`).join('');
  return `JSON.parse(JSON.stringify([\n${lines}], (key, value) => (typeof value === 'bigint' ? String(value) : value)))`;
}

function readResult(value: unknown): Result {
  if (Array.isArray(value)) return value.map(readResult);
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? Number(value.toPrecision(12)) : null;
  const text = String(value);
  if (!/^-?\d+$/.test(text)) return null;
  return Number.isSafeInteger(Number(text)) ? Number(text) : text;
}

function report(calculations: Calculation[], results: Result[], byTool: boolean): Outcome {
  const lines = calculations.map((each, index) => `${each.label} = ${show(results[index] ?? null)}`);
  const how = byTool ? 'computed with run_code' : 'computed without run_code, which this subtask was not granted';
  const data = {
    result: results.length === 1 ? results[0] : results,
    expression: calculations.map((each) => each.label).join('; '),
    computed_with: byTool ? 'run_code' : 'own rules',
  };
  if (results.some((each) => each === null)) return cannot(`${lines.join('; ')}: that has no finite value.`, data);
  return done(`${lines.join('; ')} (${how}).`, data);
}

function show(result: Result): string {
  if (result === null) return 'undefined';
  return Array.isArray(result) ? result.map(show).join(', ') : String(result);
}

function withResult(work: Work): string {
  const results = work.dependencies.map((each) => each.data.result).filter((each) => /^-?[\d.]+$/.test(String(each)));
  if (results.length !== 1) return work.text;
  return work.text
    .replaceAll(
      /\bthe (?:previous |first |last |earlier )?(?:result|answer|value|sum|product|number)\b(?! of)/gi,
      String(results[0]),
    )
    .replaceAll(
      /\b(multiply|divide|double|square|cube|add \S+ to|subtract \S+ from|of) (?:it|that)\b/gi,
      `$1 ${results[0]}`,
    );
}
