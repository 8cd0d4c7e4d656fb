import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { AT, aCompletedTask, aResult, aSubtask, aTask } from '../../tests/support/scripted-orchestrator.ts';
import { outcomeLines, reportLines } from './task-report.ts';

const colors = pc.createColors(false);
const layout = { colors, now: new Date('2026-01-02T03:04:10.000Z'), width: Number.POSITIVE_INFINITY, height: 24 };

describe('reportLines', () => {
  it('says everything about a completed task', () => {
    const text = reportLines(aCompletedTask(), layout).join('\n');
    expect(text).toMatch(/^task {6}task_1\nstatus {4}completed\nuser {6}default_user\n/);
    expect(text).toContain('used      240 tokens, $0.0246');
    expect(text).toContain('SUBTASK    STATUS     AGENT    ATTEMPT   TIME  DESCRIPTION');
    expect(text).toContain('subtask_2  completed  agent_1        1  2.5 s  Double the sum');
    expect(text).toContain('\nCalculate sum of 1 to 10\nThe sum is 55\n{"data":{"sum":55}}\n');
    expect(text).toMatch(/\n\nResult\nTwice the sum is 110\.$/);
  });

  it('says what of the budget is spent', () => {
    const limits = { budget_usd: 0.5, max_turns: 40, spent_usd: 0.1234567, spent_turns: 12 };
    const text = reportLines(aTask(limits), layout).join('\n');
    expect(text).toContain('budget    $0.1235 of $0.5 spent, 12 of 40 turns taken');
    expect(reportLines(aTask(), layout).join('\n')).not.toContain('budget');
  });

  it('says why a task failed and why the rest did not run', () => {
    const failed = aTask({
      status: 'failed',
      error: 'subtask_1 failed: no such table',
      subtasks: [
        aSubtask({ status: 'failed', attempt: 3, agent_id: 'agent_3', started_at: AT, error: 'no such table' }),
        aSubtask({ id: 'subtask_2', status: 'blocked' }),
      ],
    });
    const text = reportLines(failed, layout).join('\n');
    expect(text).toMatch(/subtask_1 {2}failed .*no such table/);
    expect(text).toMatch(/subtask_2 {2}blocked .*a dependency failed/);
    expect(text).toMatch(/\n\nfailed {2}subtask_1 failed: no such table$/);
  });

  it('says that a task is not planned yet', () => {
    expect(reportLines(aTask({ status: 'pending', plan_source: null }), layout)).toContain('not planned yet');
  });

  it('cuts fields and tables, but not results, to the terminal', () => {
    const long = 'long '.repeat(40).trim();
    const answer = aTask({ description: long, subtasks: [aSubtask({ description: long })] }, [
      aResult({ output: { success: true, summary: long } }),
    ]);
    const lines = reportLines(answer, { ...layout, width: 60 });
    expect(lines.find((line) => line.startsWith('asked'))).toHaveLength(60);
    expect(lines.find((line) => line.startsWith('subtask_1'))?.length).toBeLessThanOrEqual(60);
    expect(lines).toContain(long);
  });
});

describe('outcomeLines', () => {
  it('does not say twice what a single subtask and the task have in common', () => {
    const result = aResult({ output: { success: true, summary: 'It is 55', data: {} } });
    const answer = aTask({ status: 'completed', result: { summary: 'It is 55', subtask_results: [result] } }, [result]);
    expect(
      outcomeLines(answer, colors)
        .join('\n')
        .match(/It is 55/g),
    ).toHaveLength(1);
  });

  it('names the file that a large output went to, and leaves failed attempts out', () => {
    const answer = aTask({ subtasks: [aSubtask()] }, [
      aResult({ status: 'failed', output: null, error: 'crashed', error_code: 'crashed' }),
      aResult({ attempt: 2, output: { file: 'output/big.json', bytes: 99_999, summary: 'Much' } }),
    ]);
    expect(outcomeLines(answer, colors)).toEqual([
      '',
      'Calculate sum of 1 to 10',
      'Much',
      'in the file output/big.json',
      '{"bytes":99999}',
    ]);
  });

  it('strips what could steer the terminal from results', () => {
    const evil = 'one\x1b[2J\ntwo\x9b\x07';
    const result = aResult({ output: { success: true, summary: evil, data: { [evil]: evil }, file: evil } });
    const answer = aTask({ result: { summary: evil, subtask_results: [] }, error: null }, [result]);
    expect(outcomeLines(answer, colors).join('\n')).not.toMatch(/[^\P{Cc}\n]/u);
  });
});
