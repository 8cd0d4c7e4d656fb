// The dashboard where other machines reach it, in a browser: nothing is seen before a key was pasted, and each user sees
// what its role allows.
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/protocol/client.ts';
import { startMuster, type TestMuster } from '../support/muster.ts';
import { hasBrowser, launchBrowser, type OpenPage, openPage } from './browser.ts';

const [OPERATOR, ADA, BOB] = ['0', 'a', 'b'].map((sign) => sign.repeat(40)) as [string, string, string];
const WAIT = { timeout: 30_000 };

let browser: Browser;
let muster: TestMuster;
let opened: OpenPage[] = [];

async function open(path: string): Promise<Page> {
  const one = await openPage(browser);
  opened.push(one);
  const url = new URL(path, muster.dashboardUrl);
  url.hostname = '127.0.0.1';
  await one.page.goto(url.href);
  return one.page;
}

async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

describe.skipIf(!hasBrowser())('a dashboard that asks for a key', () => {
  beforeAll(async () => {
    const keys = [`operate:admin:${OPERATOR}`, `submit:ada:${ADA}`, `submit:bob:${BOB}`];
    const settings = { HOST: '0.0.0.0', MUSTER_API_KEYS: keys.join(), AGENT_RUNTIME: 'simulate' };
    [browser, muster] = await Promise.all([launchBrowser(), startMuster(settings)]);
  });
  afterEach(async () => {
    // That it was not let in, or not told, is what the browser has to complain about, and all.
    const complaints = opened.flatMap((one) => one.complaints).filter((text) => !/status of (401|403|404)/.test(text));
    for (const one of opened) await one.close();
    opened = [];
    expect(complaints).toEqual([]);
  });
  afterAll(async () => {
    await muster.stop();
    await browser.close();
  });

  it('shows the place to paste it, says what is wrong with one, and then the page that was asked for', async () => {
    const page = await open('/tasks');
    await page.getByRole('heading', { name: 'Sign in to Muster' }).waitFor(WAIT);
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
    expect(violations.map((violation) => violation.id)).toEqual([]);
    await signIn(page, 'x'.repeat(40));
    await page.getByText(/unknown or was revoked/).waitFor(WAIT);
    await signIn(page, ADA);
    await page.getByRole('heading', { name: 'Tasks' }).waitFor(WAIT);
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.reload();
    await page.getByRole('button', { name: 'Sign out (ada, submit)' }).click();
    await page.getByRole('heading', { name: 'Sign in to Muster' }).waitFor(WAIT);
    await page.reload();
    await page.getByLabel('API key').waitFor(WAIT);
  });

  it('shows each user its own tasks, and an operator those of all', async () => {
    const client = createClient({ url: muster.url.replace('0.0.0.0', '127.0.0.1'), apiKey: ADA });
    const { task_id } = await client.submit({ description: 'A task that only ada may see' });
    for (const [key, sees] of [
      [ADA, true],
      [OPERATOR, true],
      [BOB, false],
    ] as const) {
      const page = await open(`/tasks/${task_id}`);
      await signIn(page, key);
      const words = sees ? 'A task that only ada may see' : 'There is no such thing';
      await page.getByText(words).first().waitFor(WAIT);
    }
  });

  it('says on the pages of operators what role they need', async () => {
    const page = await open('/agents');
    await signIn(page, BOB);
    await page
      .getByText(/role submit of this API key does not allow/i)
      .first()
      .waitFor(WAIT);
    await page.getByRole('link', { name: 'Home' }).first().click();
    await page.getByLabel('Task description').waitFor(WAIT);
  });
});
