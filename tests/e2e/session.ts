// A browser in front of a whole Muster, for the tests of one `describe`. Pages are closed after each test, and what they
// complained about fails it.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { createClient } from '../../src/protocol/client.ts';
import { startMuster, type TestMuster } from '../support/muster.ts';
import { launchBrowser, type OpenPage, openPage } from './browser.ts';

type Settings = Record<string, string>;

export const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 } };
export const WAIT = { timeout: 30_000 };

/** `text` stands on the page, or will. */
export const sees = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor(WAIT);

/** Settings are those of the environment of `muster up`; a function makes them when the tests begin. */
export function useDashboard(settings: Settings | (() => Promise<Settings>) = {}) {
  let browser: Browser;
  let muster: TestMuster;
  let opened: OpenPage[] = [];
  beforeAll(async () => {
    const given = typeof settings === 'function' ? await settings() : settings;
    [browser, muster] = await Promise.all([launchBrowser(), startMuster(given)]);
  });
  afterEach(async () => {
    const complaints = opened.flatMap((one) => one.complaints);
    for (const one of opened) await one.close();
    opened = [];
    expect(complaints).toEqual([]);
  });
  afterAll(async () => {
    await muster.stop();
    await browser.close();
  });
  /** A page that shows nothing yet. */
  const blank = async (options: BrowserContextOptions = {}): Promise<Page> => {
    const one = await openPage(browser, options);
    opened.push(one);
    return one.page;
  };
  const urlOf = (path: string) => new URL(path, muster.dashboardUrl).href;
  return {
    blank,
    urlOf,
    async open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
      const page = await blank(options);
      await page.goto(urlOf(path));
      return page;
    },
    client: () => createClient({ url: muster.url }),
    /** The browser itself notes each request that failed: a test that makes them fail takes the notes back. */
    forgiveComplaints() {
      for (const one of opened) one.complaints.length = 0;
    },
  };
}

/** A step that a simulated agent runs. */
export const step = (given: object = {}) => ({
  description: 'A simulated step of the plan',
  required_capabilities: ['data_analysis' as const],
  ...given,
});
