// What the first look at the list of tasks costs on the wire: everything that arrives, answers of the API included, as
// it arrives.
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { hasBrowser } from './browser.ts';
import { useDashboard, WAIT } from './session.ts';

const FIRST_LOAD_BYTES = 250_000;
const ROWS = 50;

describe.skipIf(!hasBrowser())('the first load of /tasks', () => {
  const { blank, urlOf, client } = useDashboard({ AGENT_RUNTIME: 'simulate' });

  it('stays under 250 KB with a full page of tasks', async () => {
    const subtasks = [{ description: 'A step that is simulated', required_capabilities: ['data_analysis' as const] }];
    for (let nth = 0; nth < ROWS; nth += 1) {
      const description = `Task ${nth}: collect the figures of the quarter, and say what changed since the one before`;
      await client().submit({ description, plan: { subtasks } });
    }
    const page = await blank();
    const sizes = await countBytes(page);
    await page.goto(urlOf('/tasks'));
    await page
      .locator('[data-row]')
      .nth(ROWS - 1)
      .waitFor(WAIT);
    await page.getByText('Live', { exact: true }).waitFor(WAIT);
    await page.waitForLoadState('networkidle');
    const sum = [...sizes.values()].reduce((total, bytes) => total + bytes, 0);
    expect(sizes.size).toBeGreaterThan(5);
    expect(sum).toBeLessThan(FIRST_LOAD_BYTES);
  });
});

/** Bytes of each request's answer, with its headers, as they came over the wire. */
async function countBytes(page: Page): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  const wire = await page.context().newCDPSession(page);
  wire.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => sizes.set(requestId, encodedDataLength));
  await wire.send('Network.enable');
  return sizes;
}
