// The form of a new task when things go wrong: wrong fields, refusals, lost answers, a browser that stores nothing.
import type { Page } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import { startOfflineModel } from '../../src/offline/server.ts';
import { Link } from '../support/link.ts';
import { hasBrowser } from './browser.ts';
import { sees, useDashboard, WAIT } from './session.ts';

const describeIt = (page: Page, words: string) => page.getByLabel('Task description').fill(words);
const submit = (page: Page) => page.getByRole('button', { name: 'Submit task' }).click();
const fold = (page: Page) => page.getByText('User, budget and turns').click();

async function newTaskIdOf(page: Page): Promise<string> {
  await page.waitForURL(/\/tasks\/task_/);
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}

describe.skipIf(!hasBrowser())('the form of a new task', () => {
  const { open, blank, urlOf, client, forgiveComplaints } = useDashboard({ AGENT_RUNTIME: 'simulate' });

  it('unfolds the part that holds a wrong field, and goes there', async () => {
    const page = await open('/new');
    await describeIt(page, 'Calculate the sum of 1 to 10');
    await fold(page);
    const budget = page.getByLabel('Budget in dollars');
    await budget.fill('a lot');
    await fold(page);
    expect(await budget.isVisible()).toBe(false);
    await submit(page);
    await sees(page, /Write dollars as a number/);
    expect(await budget.evaluate((field) => field === field.ownerDocument.activeElement)).toBe(true);
  });

  it('says at its field what the orchestrator has against it', async () => {
    const page = await open('/new');
    await describeIt(page, 'Calculate the sum of 1 to 11');
    await fold(page);
    const user = page.getByLabel('User', { exact: true });
    await user.fill('u'.repeat(201));
    await submit(page);
    await page.locator('[aria-invalid=true]').waitFor(WAIT);
    expect(await user.getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator(`[id="${await user.getAttribute('aria-describedby')}"]`).textContent()).toMatch(/200/);
    forgiveComplaints();
  });

  it('hands over user, budget and turns', async () => {
    const page = await open('/new');
    await describeIt(page, 'Calculate the sum of 1 to 12');
    await fold(page);
    await page.getByLabel('User', { exact: true }).fill('ada');
    await page.getByLabel('Budget in dollars').fill('0.50');
    await page.getByLabel('Most model turns').fill('40');
    await submit(page);
    const { task } = await client().getTask(await newTaskIdOf(page));
    expect(task).toMatchObject({ user_id: 'ada', budget_usd: 0.5, max_turns: 40 });
    await sees(page, 'of $0.50');
  });

  it('makes one task of a draft that is sent again after a lost answer and a reload', async () => {
    const page = await open('/new');
    const words = 'Calculate the sum of 1 to 13, whatever becomes of the answer';
    await describeIt(page, words);
    await page.route('**/api/tasks', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await submit(page);
    await sees(page, /press Submit task again.*no second one is made/);
    await page.unroute('**/api/tasks');
    await page.reload();
    expect(await page.getByLabel('Task description').inputValue()).toBe(words);
    await submit(page);
    const id = await newTaskIdOf(page);
    const { tasks } = await client().listTasks({ text: words });
    expect(tasks.map((task) => task.id)).toEqual([id]);
    forgiveComplaints();
  });

  it('works where the browser refuses to store anything', async () => {
    const page = await blank();
    await page.addInitScript(`for (const name of ['sessionStorage', 'localStorage'])
      Object.defineProperty(window, name, { get() { throw new DOMException('refused', 'SecurityError'); } });`);
    await page.goto(urlOf('/new'));
    await describeIt(page, 'Calculate the sum of 1 to 14');
    await page.getByRole('link', { name: 'Agents' }).first().click();
    await sees(page, 'agent_1');
    await page.goBack();
    expect(await page.getByLabel('Task description').inputValue()).toBe('Calculate the sum of 1 to 14');
    await submit(page);
    await newTaskIdOf(page);
    await sees(page, /of \d+ subtask/);
  });
});

describe.skipIf(!hasBrowser())('while the model thinks about the plan', () => {
  let link: Link;
  let model: Awaited<ReturnType<typeof startOfflineModel>>;
  const { open } = useDashboard(async () => {
    model = await startOfflineModel();
    link = await Link.open('orchestrator → model', Number(new URL(model.url).port));
    const url = `http://127.0.0.1:${link.port}`;
    return { MUSTER_MODEL: 'claude', ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'any', AGENT_RUNTIME: 'simulate' };
  });
  afterAll(async () => {
    link.close();
    await model.close();
  });

  it("shows the task's page at once, and the plan when it stands", async () => {
    const page = await open('/new');
    link.set('stalled');
    await describeIt(page, 'Calculate factorial of 5 and calculate fibonacci of 10 independently');
    await submit(page);
    await newTaskIdOf(page);
    await sees(page, 'The task is being planned');
    await sees(page, 'Planning');
    link.set('up');
    await sees(page, '2 of 2 subtasks');
    await sees(page, 'by the model');
  });
});
