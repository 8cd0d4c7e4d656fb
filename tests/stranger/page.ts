// A page of the documentation as a stranger reads it: its fenced blocks in order, each with what is claimed of it.
// A claim is a comment `# → text` in a block, or a block ```text that follows it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Block {
  page: string;
  /** Of its first line of text, counted from 1. */
  line: number;
  language: string;
  text: string;
  /** The file that the sentence before it says to save it as. */
  saveAs: string | null;
  /** What must appear in the output, in this order. */
  claims: string[];
}

const FENCED = /^```(.*)\n([\s\S]*?)^```$/gm;
const CLAIM = /(?:^|\s)# → (.+)$/gm;
const SAVE_AS = /[Ss]ave (?:this|it) as `([^`]+)`[^`]*$/;

export function readPage(root: string, page: string): Block[] {
  return blocksOf(page, readFileSync(join(root, page), 'utf8'));
}

export function blocksOf(page: string, markdown: string): Block[] {
  const blocks: Block[] = [];
  let end = 0;
  for (const fenced of markdown.matchAll(FENCED)) {
    const [all, language = '', text = ''] = fenced;
    const prose = markdown.slice(end, fenced.index);
    end = fenced.index + all.length;
    const line = markdown.slice(0, fenced.index).split('\n').length + 1;
    blocks.push({ page, line, language, text, saveAs: SAVE_AS.exec(prose)?.[1] ?? null, claims: claimsIn(text) });
  }
  if (/^[ \t]+```/m.test(markdown)) throw new Error(`${page}: a block is indented, so it would not be followed`);
  if (/^```/m.test(markdown.slice(end))) throw new Error(`${page}: its last block never ends`);
  return withFollowingText(blocks);
}

function claimsIn(text: string): string[] {
  return [...text.matchAll(CLAIM)].map((match) => String(match[1]).trim());
}

function withFollowingText(blocks: readonly Block[]): Block[] {
  return blocks.map((block, index) => {
    const next = blocks[index + 1];
    if (block.language !== 'sh' || next?.language !== 'text') return block;
    const lines = next.text.split('\n').map((line) => line.trim());
    return { ...block, claims: [...block.claims, ...lines.filter((line) => line !== '' && line !== '…')] };
  });
}
