// A real browser for the tests of the dashboard: Chromium without a window. Absent, the suite is skipped with a printed
// reason; in CI that is a failure. Whatever a page complains about (errors, refused content) fails its test.
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** False, with a printed reason, when there is no browser. */
export function hasBrowser(): boolean {
  if (existsSync(CHROMIUM)) return true;
  const reason = `there is no Chromium at ${CHROMIUM} (CHROMIUM names another)`;
  if (process.env.CI === 'true') throw new Error(`${reason}, and in CI the tests of the dashboard must run`);
  console.warn(`${reason}: the tests of the dashboard are skipped`);
  return false;
}

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
}

export interface OpenPage {
  page: Page;
  /** What the page complained about so far. */
  complaints: string[];
  close(): Promise<void>;
}

export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  return { page, complaints, close: () => context.close() };
}
