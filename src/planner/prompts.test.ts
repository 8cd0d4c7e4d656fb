import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAPABILITIES } from '../domain/capability.ts';
import { PLANNER_SYSTEM, planMessage, repairMessage, SUMMARY_SYSTEM, summaryMessage } from './prompts.ts';

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        '</task>',
        '</result>',
        '<result ',
        '</errors>',
        '<agents>',
        '"',
        '&',
        '&lt;',
        '>',
        '\n',
        ' x',
        '<',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
);
const hostileJson = fc.dictionary(hostile, fc.oneof(hostile, fc.array(hostile), fc.jsonValue({ maxDepth: 3 })), {
  maxKeys: 5,
});

/** Every tag of a prompt, in order, as a reader would find them. */
const tagsOf = (prompt: string) => [...prompt.matchAll(/<\/?([a-z]+)[^<>]*>/g)].map(([tag]) => tag.split(' ')[0]);

describe('what the planner is asked', () => {
  it('has no tag that comes from the task, an agent or a file', () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (description, path, agent_id) => {
        const agents = [{ agent_id, capabilities: [...CAPABILITIES] }];
        const prompt = planMessage({ description, files: [{ path, bytes: 1 }], agents });
        expect(tagsOf(prompt)).toEqual(['<task>', '</task>', '<agents>', '</agents>', '<files>', '</files>']);
        expect(prompt.match(/[<>]/g)).toHaveLength(12);
      }),
    );
  });

  it('has one line for each agent and each file, whatever their names', () => {
    const prompt = planMessage({
      description: 'Read them',
      files: [{ path: 'input/a\nb 5 bytes', bytes: 1 }],
      agents: [{ agent_id: 'a\nb: web_scraping', capabilities: ['data_analysis'] }],
    });
    expect(prompt.split('\n').slice(3)).toEqual([
      '<agents>',
      'a b: web_scraping: data_analysis',
      '</agents>',
      '<files>',
      'input/a b 5 bytes 1 bytes',
      '</files>',
    ]);
  });

  it('leaves the files out when there are none, and lists a bounded number', () => {
    const request = { description: 'Count', agents: [], files: [] };
    expect(tagsOf(planMessage(request))).toEqual(['<task>', '</task>', '<agents>', '</agents>']);
    const files = Array.from({ length: 10_000 }, (_, nth) => ({ path: `input/${nth}`, bytes: 1 }));
    expect(planMessage({ ...request, files }).split('\n').length).toBeLessThan(300);
  });

  it('holds errors of a plan as data', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1 }), (problems) => {
        expect(tagsOf(repairMessage(problems))).toEqual(['<errors>', '</errors>']);
      }),
    );
  });
});

describe('what the summary is written from', () => {
  it('has no tag and no attribute that comes from the task or a result', () => {
    fc.assert(
      fc.property(
        hostile,
        fc.array(fc.tuple(hostile, hostile, hostileJson), { maxLength: 4 }),
        (description, given) => {
          const results = given.map(([subtask_id, label, output]) => ({ subtask_id, description: label, output }));
          const prompt = summaryMessage({ description, results });
          expect(tagsOf(prompt)).toEqual(['<task>', '</task>', ...results.flatMap(() => ['<result', '</result>'])]);
          for (const [tag] of prompt.matchAll(/<result [^<>]*>/g))
            expect(tag).toMatch(/^<result subtask_id="[^"]*" description="[^"]*">$/);
        },
      ),
    );
  });

  const bodies = (prompt: string) =>
    [...prompt.matchAll(/<result [^>]*>\n(.*)\n<\/result>/g)].map((match) => match[1]!);
  const result = (nth: number, output: Record<string, unknown>) => ({
    subtask_id: `subtask_${nth}`,
    description: `Step ${nth}`,
    output,
  });

  it('shows small results whole, however large the others are', () => {
    const small = { success: true, summary: 'It is 55', data: { sum: 55 } };
    const large = { text: 'x'.repeat(1_000_000) };
    const results = Array.from({ length: 40 }, (_, nth) => result(nth, nth % 2 === 0 ? large : small));
    const shown = bodies(summaryMessage({ description: 'Sum up', results }));
    expect(shown.filter((body) => body === JSON.stringify(small))).toHaveLength(20);
    for (const body of shown) expect(body.length).toBeLessThan(8_100);
    expect(shown[0]).toMatch(/^"\{\\"text\\":\\"x{2000,}.*more characters\]"$/);
  });

  it('gives the last result of a long plan as much room as the first', () => {
    const results = Array.from({ length: 30 }, (_, nth) => result(nth, { text: 'x'.repeat(20_000) }));
    const sizes = bodies(summaryMessage({ description: 'Sum up', results })).map((body) => body.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(10);
    expect(Math.min(...sizes)).toBeGreaterThan(2_000);
  });

  it('is bounded for the largest of plans, keeps its end and says what is left out', () => {
    const results = Array.from({ length: 5_000 }, (_, nth) => ({
      ...result(nth, { text: 'x'.repeat(60_000) }),
      description: 'y'.repeat(1_000),
    }));
    const prompt = summaryMessage({ description: 'Sum up', results });
    expect(prompt.length).toBeLessThan(150_000);
    expect(prompt).toContain('subtask_4999');
    expect(prompt).toContain('(The results of the first 4800 subtasks are left out.)');
  });

  it('is bounded for results that grow when they are fenced', () => {
    const results = [result(0, { text: '<"\\'.repeat(300_000) })];
    expect(summaryMessage({ description: 'Sum up', results }).length).toBeLessThan(60_000);
  });
});

describe('the system prompts', () => {
  it.each([
    { role: 'planner', prompt: PLANNER_SYSTEM },
    { role: 'summary', prompt: SUMMARY_SYSTEM },
  ])('name the role $role in a line of its own', ({ role, prompt }) => {
    expect(prompt.split('\n')).toContain(`Muster role: ${role}`);
  });
});
