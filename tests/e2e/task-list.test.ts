// The list of tasks with more than a page of them, and several acted on at once.
import type { Page, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { hasBrowser } from './browser.ts';
import { sees, step, useDashboard, WAIT } from './session.ts';

const FAILS = { subtasks: [step({ input_data: { fail: 'bad input: nothing to read' } })] };
const RUNS_LONG = { subtasks: [step({ input_data: { duration_ms: 600_000 } })] };
const ROWS = 50;

const rowOf = (page: Page, words: string) => page.getByRole('row').filter({ hasText: words });

describe.skipIf(!hasBrowser())('the list of tasks', () => {
  const { open, client } = useDashboard({ AGENT_RUNTIME: 'simulate' });

  async function failedTask(description: string): Promise<string> {
    const { task_id } = await client().submit({ description, plan: FAILS });
    await client().wait(task_id);
    return task_id;
  }

  it('acts on several at once, and says which stayed as before and why', async () => {
    const [first] = [await failedTask('A failure to be retried here'), await failedTask('One to be retried elsewhere')];
    await client().submit({ description: 'One that runs for long', plan: RUNS_LONG });
    const page = await open('/tasks');
    for (const words of ['retried here', 'retried elsewhere', 'runs for long'])
      await rowOf(page, words).getByRole('checkbox').check(WAIT);
    await sees(page, '3 selected');
    // Before the request arrives, somebody else retries one of the two, and it runs again.
    const retryElsewhere = async (route: Route) => {
      const { task_ids } = route.request().postDataJSON();
      await client().retry(task_ids.find((id: string) => id !== first));
      await route.continue();
    };
    await page.route('**/api/tasks/actions', retryElsewhere, { times: 1 });
    await page.getByRole('button', { name: 'Retry 2' }).click();
    await page.getByRole('button', { name: 'Retry 2 tasks' }).click();
    await sees(page, '1 task started again.');
    const refused = page.getByRole('dialog', { name: '1 task stayed as before' });
    await refused.getByText(/only a failed task can be retried/i).waitFor(WAIT);
    await refused.getByRole('button', { name: 'Close' }).click();
    await rowOf(page, 'runs for long').getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Cancel 1' }).click();
    await page.getByRole('button', { name: 'Cancel 1 task' }).click();
    await rowOf(page, 'runs for long').getByText('Cancelled').waitFor(WAIT);
  }, 60_000);

  it('pages by cursor: older, newer, and the same page after a reload', async () => {
    const plan = { subtasks: [step()] };
    for (let nth = 0; nth <= ROWS; nth += 1)
      await client().submit({ description: `Paged task number ${nth}.`, user_id: 'pager', plan });
    const page = await open('/tasks?user=pager');
    await rowOf(page, 'number 50.').waitFor(WAIT);
    expect(await page.locator('[data-row]').count()).toBe(ROWS);
    await page.getByRole('button', { name: 'Older' }).click();
    await rowOf(page, 'number 0.').waitFor(WAIT);
    expect(await page.locator('[data-row]').count()).toBe(1);
    await page.reload();
    await rowOf(page, 'number 0.').waitFor(WAIT);
    await page.getByRole('button', { name: 'Newer' }).click();
    await rowOf(page, 'number 50.').waitFor(WAIT);
    expect(await page.getByRole('button', { name: 'Newer' }).isDisabled()).toBe(true);
  }, 60_000);
});
