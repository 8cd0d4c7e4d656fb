import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plan, planFor } from './plan-rules.ts';
import { messagesRequest, readConversation } from './request.ts';

const CREW = [
  ['data_analysis', 'code_generation'],
  ['web_scraping', 'api_integration'],
  ['file_processing', 'database_operations'],
  ['code_generation', 'api_integration'],
  ['data_analysis', 'database_operations'],
];

/** `0 <- ` style shorthand: `capability after [dependencies]`. */
const shape = (task: string) =>
  plan(task, CREW).map((each) => `${each.required_capabilities.join('+')} after [${each.dependencies.join(',')}]`);
const descriptions = (task: string) => plan(task, CREW).map((each) => each.description);

describe('one step', () => {
  it.each([
    ['Calculate factorial of 10', 'data_analysis'],
    ['Simple calculation: 2 + 2', 'data_analysis'],
    ['Calculate the sum of 1 to 10 and the product of 1 to 5', 'data_analysis'],
    ['Calculate statistics of the attached CSV', 'data_analysis'],
    ['Calculate the mean of this CSV:\nname,score\nada,3\nbob,5', 'data_analysis'],
    ['Write "hello, then world" to a file called x.txt', 'file_processing'],
    ['Write hello and write again to a file called x.txt', 'file_processing'],
    ['How many tables are in the database?', 'database_operations'],
    ['Run select 1 + 1 as two and tell me the result', 'database_operations'],
    ['Run the SQL: create table t (a int); insert into t values (1); select * from t', 'database_operations'],
    ['Explain this: ```\nfirst read x\nthen write y\n```', 'code_generation'],
    ['I have a garden with two trees. They are nice. What should I plant next week in it?', 'data_analysis'],
    ['If it rains then stay at home or otherwise go out', 'data_analysis'],
    ['wait 30 seconds', 'data_analysis'],
    ['Scrape the titles of example.com', 'web_scraping'],
    ['Fetch https://example.com/a.json', 'api_integration'],
    ['Fetch https://example.com/a.json and report it', 'api_integration'],
    ['Summarize the page https://example.com/html of the website', 'web_scraping'],
    ['Implement a function that reverses a list', 'code_generation'],
  ])('%j is for %s', (task, capability) => {
    expect(shape(task)).toEqual([`${capability} after []`]);
  });

  it('keeps the task’s own words, and lengthens what is too short to be a description', () => {
    expect(descriptions('Calculate factorial of 10')).toEqual(['Calculate factorial of 10']);
    expect(descriptions('2 + 2')).toEqual(['Calculate: 2 + 2']);
    expect(descriptions('sing')).toEqual(['Carry out: sing']);
    expect(descriptions('calculate ,')).toEqual(['Carry out: calculate']);
  });

  it('cuts a long text at 1000 characters', () => {
    const [only, ...others] = descriptions(`About ${'whales and sea '.repeat(300)}`);
    expect(others).toEqual([]);
    expect(only?.length).toBeGreaterThan(990);
    expect(only?.length).toBeLessThanOrEqual(1000);
  });
});

describe('several steps', () => {
  it.each([
    [
      'Calculate factorial of 5 and calculate fibonacci of 10 independently',
      ['data_analysis after []', 'data_analysis after []'],
    ],
    [
      'Calculate sum of 1 to 10, then calculate product of 1 to 5, then combine results',
      ['data_analysis after []', 'data_analysis after [0]', 'data_analysis after [0,1]'],
    ],
    [
      'First read data from file, then analyze the data, finally generate a report based on analysis',
      ['file_processing after []', 'data_analysis after [0]', 'code_generation after [1]'],
    ],
    [
      'Fetch weather data from API, analyze temperature trends, and create summary report',
      ['api_integration after []', 'data_analysis after [0]', 'code_generation after [1]'],
    ],
    [
      'Calculate 2+2; calculate 3+3; calculate 4*4',
      ['data_analysis after []', 'data_analysis after []', 'data_analysis after []'],
    ],
    [
      'In parallel: calculate 5!, calculate 6!, then add the results',
      ['data_analysis after []', 'data_analysis after []', 'data_analysis after [0,1]'],
    ],
    ['Calculate 5! while you compute 6! at the same time', ['data_analysis after []']],
    [
      'Read data.csv. Summarize it. Save the summary to a file called s.txt.',
      ['file_processing after []', 'code_generation after [0]', 'file_processing after [1]'],
    ],
    [
      'Scrape example.com and extract the titles, then store them in a database table',
      ['web_scraping after []', 'data_analysis after [0]', 'database_operations after [1]'],
    ],
    [
      'Write hello to a file called x.txt, then read the file x.txt',
      ['file_processing after []', 'file_processing after [0]'],
    ],
    [
      'Statistics of this CSV: name,score\nada,3\nbob,5\n\nThen write a report',
      ['data_analysis after []', 'code_generation after [0]'],
    ],
    [
      'Compute 1 + 1. Next, compute 2 + 2. After that, compute 3 + 3. Lastly, combine both results.',
      ['data_analysis after []', 'data_analysis after [0]', 'data_analysis after [1]', 'data_analysis after [0,1,2]'],
    ],
    ['One after the other: calculate 2+2, calculate 3+3', ['data_analysis after []', 'data_analysis after [0]']],
  ])('%j', (task, expected) => {
    expect(shape(task)).toEqual(expected);
  });

  it.each([
    ['Do these:\n1. Calculate factorial of 5\n2. Calculate 2+2\n\nFinally combine the results', ['[]', '[]', '[0,1]']],
    ['- fetch https://a.b/c\n- then analyze it\n- wait 3 seconds', ['[]', '[0]', '[]']],
    ['1. read the file 2. sort it 3. write a report', ['[]', '[0]', '[1]']],
    [
      '* Calculate 1+1\n* Calculate 2+2\n* Using the result of step 1, calculate more\n* Merge steps 1 and 3',
      ['[]', '[]', '[0]', '[0,2]'],
    ],
    ['In this order:\n- calculate 1+1\n- calculate 2+2\n  and 3+3', ['[]', '[0]']],
    ['Step 1: read the data\nStep 2: analyze the data', ['[]', '[0]']],
  ])('a list has one step an item: %j', (task, expected) => {
    expect(plan(task, CREW).map((each) => `[${each.dependencies.join(',')}]`)).toEqual(expected);
  });

  it('gives items without a verb the words that introduce them', () => {
    expect(descriptions('Calculate:\n- factorial of 5\n- fibonacci of 10')).toEqual([
      'Calculate: factorial of 5',
      'Calculate: fibonacci of 10',
    ]);
  });

  it('takes a list of numbers for data, not for steps', () => {
    expect(descriptions('Calculate the mean of\n- 3\n- 4')).toHaveLength(1);
  });

  it('makes one step of a list longer than the fifty that a plan may have', () => {
    expect(shape(Array.from({ length: 51 }, (_, n) => `- calculate ${n} + 1`).join('\n'))).toHaveLength(1);
    expect(shape(Array.from({ length: 50 }, (_, n) => `- calculate ${n} + 1`).join('\n'))).toHaveLength(50);
  });
});

describe('the crew', () => {
  it('gives a step to a capability that some agent has', () => {
    expect(plan('Fetch https://a.b/c', [['file_processing']])[0]?.required_capabilities).toEqual(['file_processing']);
    expect(plan('Calculate 2 + 2', [['own_invention']])[0]?.required_capabilities).toEqual(['own_invention']);
    expect(plan('Calculate 2 + 2', [])[0]?.required_capabilities).toEqual(['data_analysis']);
  });

  it('is read from the prompt; a refused plan is answered by a single step', () => {
    const ask = (...texts: string[]) =>
      planFor(
        readConversation(
          messagesRequest.parse({
            model: 'm',
            max_tokens: 9,
            system: 'Muster role: planner',
            messages: texts.map((content) => ({ role: 'user', content })),
          }),
        ),
      ).subtasks.map((each) => [each.description, ...each.required_capabilities]);
    const prompt =
      '<task>\nCalculate 5!; calculate 3 &lt; 4 &amp;&amp; 2\n</task>\n<agents>\nagent_1: web_scraping\nagent_2:\n</agents>';
    expect(ask(prompt)).toEqual([
      ['Calculate 5!', 'web_scraping'],
      ['Calculate 3 < 4 && 2', 'web_scraping'],
    ]);
    expect(ask(prompt, '<errors>\nsubtasks[1]: bad\n</errors>')).toHaveLength(1);
    expect(ask('Calculate without any tags')).toEqual([['Calculate without any tags', 'data_analysis']]);
  });
});

describe('any text', () => {
  const words = fc.constantFrom(
    ...[
      'first',
      'then',
      'and',
      'finally',
      'calculate',
      'read',
      'the file',
      'combine results',
      'it',
      ',',
      ';',
      '.',
      '\n',
      '- ',
      '1. ',
    ],
    ...[
      'select * from t',
      '"',
      "'",
      '`',
      'a,b\n1,2\n',
      'write x to a file called y.txt',
      '2 + 2',
      'step 3',
      '\u{1F600}',
      '\uE0000\uE001',
    ],
  );
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 5000 }),
    fc.array(words, { maxLength: 300 }).map((parts) => parts.join(' ')),
    fc.string({ minLength: 900, maxLength: 1100, unit: fc.constant('\u{1F600}') }),
  );

  it('gives a plan that is valid by the rules', () => {
    fc.assert(
      fc.property(text, fc.subarray(CREW, { minLength: 1 }), (task, crew) => {
        const subtasks = plan(task, crew);
        expect(subtasks.length).toBeGreaterThanOrEqual(1);
        expect(subtasks.length).toBeLessThanOrEqual(50);
        for (const [index, subtask] of subtasks.entries()) {
          expect(subtask.description.length).toBeGreaterThanOrEqual(10);
          expect(subtask.description.length).toBeLessThanOrEqual(1000);
          expect(subtask.dependencies.every((each) => Number.isInteger(each) && each >= 0 && each < index)).toBe(true);
          expect(new Set(subtask.dependencies).size).toBe(subtask.dependencies.length);
          expect(crew.some((agent) => subtask.required_capabilities.every((each) => agent.includes(each)))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is planned in well under a second, however it repeats itself', () => {
    const repeated = [
      'a,b\n',
      'select ',
      'write ',
      '- a\n',
      'if then ',
      "'",
      '(',
      '1, ',
      ' and',
      'create a file called ',
      'the the ',
    ];
    for (const part of repeated) {
      const startedAt = performance.now();
      plan(part.repeat(5000 / part.length), CREW);
      expect(performance.now() - startedAt, JSON.stringify(part)).toBeLessThan(1000);
    }
  });
});
