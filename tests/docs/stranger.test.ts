// The reading of the documentation that tests/stranger relies on: blocks, claims and what keeps a claim.
import { describe, expect, it } from 'vitest';
import { firstUnmet } from '../stranger/claims.ts';
import { blocksOf } from '../stranger/page.ts';

const PAGE = `# Title

Run it:

\`\`\`sh
npm start   # → is up
# → at http://…
\`\`\`

It prints

\`\`\`text
first line
…
  last line
\`\`\`

Save this as \`plan.json\`:

\`\`\`json
{}
\`\`\`
`;

describe('a page', () => {
  it('is its blocks in order, with their lines, claims and the files to save', () => {
    expect(blocksOf('p.md', PAGE).map(({ language, line, saveAs }) => ({ language, line, saveAs }))).toEqual([
      { language: 'sh', line: 6, saveAs: null },
      { language: 'text', line: 13, saveAs: null },
      { language: 'json', line: 21, saveAs: 'plan.json' },
    ]);
    expect(blocksOf('p.md', PAGE)[0]?.claims).toEqual(['is up', 'at http://…', 'first line', 'last line']);
  });

  it('is refused when a block never ends', () => {
    expect(() => blocksOf('p.md', '```sh\nls\n')).toThrow('p.md: its last block never ends');
  });
});

describe('a claim', () => {
  it('is kept by an output that has it, whatever stands for … and however wide its blanks are', () => {
    expect(firstUnmet(['task_… is  done'], 'x\n\u001b[1mtask_7 (a.b)   is done\u001b[0m')).toBeNull();
  });

  it('is broken when a line does not have it', () => {
    expect(firstUnmet(['one', 'two'], 'one\nthree')).toBe('two');
    expect(firstUnmet(['a…b'], 'a\nb')).toBe('a…b');
    expect(firstUnmet(['a.b'], 'aXb')).toBe('a.b');
  });

  it('is broken when it comes in another order', () => {
    expect(firstUnmet(['two', 'one'], 'one\ntwo')).toBe('one');
  });
});
