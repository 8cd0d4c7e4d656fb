// "Combine results": gathers the results of the steps before it, and computes one number of them when all are numbers.
import { isObject, parseJson } from '../prompt.ts';
import { done, type Skill } from '../skill.ts';

const OPERATIONS: readonly { words: RegExp; name: string; code: string }[] = [
  { words: /\bmultipl|\bproduct\b/i, name: 'product', code: 'numbers.reduce((a, b) => a * b)' },
  { words: /\baverage|\bmean\b/i, name: 'average', code: 'numbers.reduce((a, b) => a + b) / numbers.length' },
  { words: /\bcompare|\blargest|\bmax/i, name: 'largest', code: 'numbers.reduce((a, b) => (a > b ? a : b))' },
  { words: /\bsmallest|\bmin/i, name: 'smallest', code: 'numbers.reduce((a, b) => (a < b ? a : b))' },
];
const SUM = { name: 'sum', code: 'numbers.reduce((a, b) => a + b)' };

const MANY = String.raw`.*\b(?:results|numbers|values|answers|both|them|all|everything)\b`;
const COMBINE = /\b(?:combine|merge|aggregate|consolidate)\b/i;
const GATHER = new RegExp(String.raw`\b(?:summari[sz]e|collect|list|present)\b${MANY}`, 'is');
const COMPUTE = new RegExp(
  String.raw`\b(?:add|sum|multiply|average|mean|compare|product|largest|smallest)\b${MANY}`,
  'is',
);

export const combining: Skill = {
  fits: ({ text, dependencies }) =>
    COMBINE.test(text) ||
    (dependencies.length > 0 && GATHER.test(text)) ||
    (dependencies.length > 1 && dependencies.every(({ data }) => isNumber(data.result)) && COMPUTE.test(text)),
  *run(work) {
    const values = work.dependencies.map(({ description, data }) => ({
      from: description,
      result: data.result ?? null,
    }));
    if (values.length === 0) return done('There were no earlier results to combine.', { values });
    const listed = work.dependencies.map(({ description, summary, data }) =>
      isNumber(data.result) ? `${description} = ${data.result}` : `${description}: ${plain(summary)}`,
    );
    if (!values.every((each) => isNumber(each.result))) {
      return done(`Put ${values.length} earlier results side by side: ${listed.join('; ')}.`, { values });
    }
    if (!work.tools.has('run_code')) {
      const why = 'not computed further, because this subtask was not granted run_code';
      return done(`Earlier results: ${listed.join('; ')} (${why}).`, { values });
    }
    const { name, code } = OPERATIONS.find((each) => each.words.test(work.text)) ?? SUM;
    const answer = yield {
      tool: 'run_code',
      input: {
        code: name !== 'average' && values.every((each) => isWhole(each.result)) ? exactly(code) : roughly(code),
        input: { values: values.map((each) => each.result) },
      },
      say: `I compute the ${name} of ${values.length} earlier results with run_code.`,
    };
    const parsed = parseJson(answer.text);
    const result = isObject(parsed) ? parsed.result : undefined;
    return done(`Combined ${listed.join(' and ')}; their ${name} is ${result} (computed with run_code).`, {
      values,
      [name]: result,
      result,
    });
  },
};

function roughly(code: string): string {
  return `const numbers = input.values.map(Number);\n${code};`;
}

/** Whole numbers of any size, without the rounding of a float; a small answer is a number like any other. */
function exactly(code: string): string {
  const small = 'Number.isSafeInteger(Number(answer)) ? Number(answer) : answer';
  return `const numbers = input.values.map(BigInt);\nconst answer = ${code};\n${small};`;
}

function isWhole(value: unknown): boolean {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

// Big integers travel as decimal strings.
function isNumber(value: unknown): boolean {
  return typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value));
}

function plain(summary: string): string {
  return summary.replaceAll(' (offline model)', '').replace(/\.$/, '');
}
