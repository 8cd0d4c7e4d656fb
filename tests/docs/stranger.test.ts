// The reading of the documentation that tests/stranger relies on: blocks, claims and what keeps a claim.
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { firstUnmet } from '../stranger/claims.ts';
import { blocksOf, readPage } from '../stranger/page.ts';
import { FOLLOWED, NOT_FOLLOWED, NOT_TYPED } from '../stranger/pages.ts';

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

  it('is refused when a block never ends, or would be overlooked', () => {
    expect(() => blocksOf('p.md', '```sh\nls\n')).toThrow('p.md: its last block never ends');
    expect(() => blocksOf('p.md', '- do\n  ```sh\n  ls\n  ```\n')).toThrow('p.md: a block is indented');
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

describe('every page with commands', () => {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const inFolder = (folder: string) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}${name}`);
  const pages = [...readdirSync(root), ...inFolder('docs/'), ...inFolder('examples/')].filter((page) =>
    page.endsWith('.md'),
  );
  const withCommands = pages.filter((page) => readPage(root, page).some(({ language }) => language === 'sh'));

  it.each(FOLLOWED)('holds blocks of known languages, so that no command hides: %s', (page) => {
    const languages = readPage(root, page).map(({ language }) => language);
    expect(languages.filter((language) => language !== 'sh' && !NOT_TYPED.includes(language))).toEqual([]);
  });

  it('is followed by the stranger, or says why it is not', () => {
    const isDeclared = (page: string) => Object.keys(NOT_FOLLOWED).some((declared) => page.startsWith(declared));
    const followed: readonly string[] = FOLLOWED;
    expect(withCommands.filter((page) => !followed.includes(page) && !isDeclared(page))).toEqual([]);
  });

  it('that is declared exists', () => {
    expect(Object.keys(NOT_FOLLOWED).filter((page) => !existsSync(`${root}${page}`))).toEqual([]);
  });
});
