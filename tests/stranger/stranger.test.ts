// Follows the documentation to the letter, as somebody does who has just cloned the repository: every block of commands
// is typed in order, and must end well and print what the page claims. `npm run test:stranger`; needs the ports of the
// documentation, PostgreSQL and Redis.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freshPlace, PORTS, takenPorts, untouchedServers } from './fresh-place.ts';
import { NOT_HERE } from './not-here.ts';
import { type Block, readPage } from './page.ts';
import { FOLLOWED } from './pages.ts';
import { Desk } from './terminal.ts';

const BLOCK_MS = 120_000;
/** Installing and building take their time on a small machine. */
const LONG_BLOCK_MS = 400_000;
vi.setConfig({ testTimeout: LONG_BLOCK_MS + 30_000, hookTimeout: 300_000 });

const taken = await takenPorts();
if (taken.length > 0)
  throw new Error(
    `port ${taken.join(', ')} of ${PORTS.join(', ')} is taken: the documentation names these ports, so stop what listens there`,
  );

const place = freshPlace();
let servers: Awaited<ReturnType<typeof untouchedServers>>;
beforeAll(async () => {
  servers = await untouchedServers();
});
afterAll(async () => {
  await Promise.resolve(servers?.restore()).finally(() => place.remove());
});

const isDeclared = (block: Block) =>
  NOT_HERE.find((one) => one.page === block.page && block.text.includes(one.contains));
const titleOf = (block: Block) => `:${block.line} ${block.text.trim().split('\n')[0]}`;

describe.each(FOLLOWED)('%s', (page) => {
  const blocks = readPage(place.clone, page);
  const desk = new Desk({ folder: place.clone, notes: place.notes, env: place.env });
  afterAll(() => desk.stopAll());

  for (const block of blocks) {
    if (block.saveAs)
      it(`${titleOf(block)} is saved as ${block.saveAs}`, () =>
        writeFileSync(join(place.clone, block.saveAs ?? ''), block.text));
    else if (block.language === 'sh' && !isDeclared(block))
      it(titleOf(block), async () => {
        await desk.type(block, /\bnpm (?:ci|start|run)\b/.test(block.text) ? LONG_BLOCK_MS : BLOCK_MS);
      });
  }

  it('ends with Ctrl-C everywhere, and nothing is left running', async () => {
    await desk.stopAll();
    expect(await takenPorts()).toEqual([]);
  });
});

describe('what is declared as not for here', () => {
  it.each(NOT_HERE)('is one block of its page: $page, $contains', ({ page, contains }) => {
    const found = readPage(place.clone, page).filter(
      (block) => block.language === 'sh' && block.text.includes(contains),
    );
    expect(found).toHaveLength(1);
  });
});
