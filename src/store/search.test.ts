import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../tests/support/store.ts';
import type { Db } from './db.ts';
import { INDEXED_MAX, indexDocuments, searchDocuments } from './search.ts';
import { createTask } from './tasks.ts';

let db: Db;
let ann: string;
let bob: string;
beforeAll(async () => {
  db = await openStore();
  ann = (await createTask(db, { description: "Ann's earlier task", user_id: 'ann' }, 60_000)).id;
  bob = (await createTask(db, { description: "Bob's earlier task", user_id: 'bob' }, 60_000)).id;
});
afterAll(() => db.close());
beforeEach(() => db.query('truncate search_documents'));

const index = (documents: Record<string, string>, task_id = ann) =>
  indexDocuments(
    db,
    Object.entries(documents).map(([source, body]) => ({ task_id, source, title: `title of ${source}`, body })),
  );
const search = (query: string, user_id = 'ann', limit = 10) => searchDocuments(db, { user_id, query, limit });
const sources = async (query: string, user_id?: string) => (await search(query, user_id)).map((hit) => hit.source);

describe('searching', () => {
  it('finds documents with any of the words, and says where and how well', async () => {
    await index({ weather: 'The temperature in Berlin rose in March', sales: 'Sales fell in the north' });
    expect(await search('temperature in Hamburg')).toEqual([
      {
        task_id: ann,
        source: 'weather',
        title: 'title of weather',
        excerpt: expect.stringContaining('temperature in Berlin'),
        score: expect.any(Number),
      },
    ]);
    const [hit] = await search('temperature');
    expect(hit!.score).toBeGreaterThan(0);
    expect(hit!.score).toBeLessThan(1);
  });

  it('knows the forms of a word', async () => {
    await index({ a: 'Analysing invoices' });
    expect(await sources('analysis of an invoice')).toEqual(['a']);
  });

  it('ranks more of the words above more of one word', async () => {
    await index({
      often: 'invoice invoice invoice invoice invoice invoice',
      both: 'an invoice, long ago, of March',
      one: 'March',
    });
    expect(await sources('invoice march')).toEqual(['both', 'often', 'one']);
  });

  it('ranks a word of the title above one of the text', async () => {
    await indexDocuments(db, [
      { task_id: ann, source: 'text', title: 'something', body: 'a report' },
      { task_id: ann, source: 'title', title: 'the report', body: 'something' },
    ]);
    expect(await sources('report')).toEqual(['title', 'text']);
  });

  it('shows a user only what is their own', async () => {
    await index({ mine: 'secret plans' });
    await index({ yours: 'secret plans' }, bob);
    expect(await sources('secret')).toEqual(['mine']);
    expect(await sources('secret', 'bob')).toEqual(['yours']);
    expect(await sources('secret', 'eve')).toEqual([]);
    expect(await sources('secret', "ann' or true --")).toEqual([]);
  });

  it('returns no more than was asked for', async () => {
    await index({ a: 'word', b: 'word', c: 'word' });
    expect(await search('word', 'ann', 2)).toHaveLength(2);
  });

  it('finds nothing for words that say nothing', async () => {
    await index({ a: 'the and of it' });
    for (const query of ['the and of', '', '   ', '!?', ':*', '&', '\\', "'", '\u0000'])
      expect(await search(query)).toEqual([]);
  });

  it('takes any text for a question, never for syntax', async () => {
    await index({ a: 'see http://example.com/a\\b?c=d for the foo & bar, it\'s "quoted" <b>bold</b>' });
    expect(await sources("foo' | !bar & (baz")).toEqual(['a']);
    expect(await sources('http://example.com/a\\b?c=d')).toEqual(['a']);
    const strange = fc.array(
      fc.oneof(
        fc.constantFrom(
          "'",
          '\\',
          "\\'",
          'http://a.b/c\\d',
          "o'x",
          ':*',
          '&',
          '|',
          '!',
          '(',
          '<->',
          ' ',
          '-',
          'a@b.c',
          '/x\\y/z',
        ),
        fc.string({ unit: 'binary' }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(strange, async (parts) => {
        const hits = await search(parts.join(''));
        expect(hits.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: 200 },
    );
  });
});

describe('indexing', () => {
  it('replaces the earlier document of the same source', async () => {
    await index({ a: 'old words' });
    await index({ a: 'new words' });
    expect([await sources('old'), await sources('new')]).toEqual([[], ['a']]);
  });

  it('takes the last document of a source when one batch has two', async () => {
    const document = { task_id: ann, source: 'file:x.txt', title: 'x.txt' };
    await indexDocuments(db, [
      { ...document, body: 'older words' },
      { ...document, body: 'newer words' },
    ]);
    expect([await sources('older'), await sources('newer')]).toEqual([[], ['file:x.txt']]);
  });

  it('keeps sources of different tasks apart', async () => {
    const other = (await createTask(db, { description: 'Another task of Ann', user_id: 'ann' }, 60_000)).id;
    await index({ 'file:a': 'apple' });
    await index({ 'file:a': 'apple' }, other);
    expect((await search('apple')).map((hit) => hit.task_id).sort()).toEqual([ann, other].sort());
  });

  it('passes over documents of a task that does not exist', async () => {
    await index({ a: 'orphan' }, 'task_none');
    expect(await db.query('select * from search_documents')).toEqual([]);
    await indexDocuments(db, []);
  });

  it('indexes the beginning of a very long document, cut anywhere', async () => {
    const words = Array.from({ length: INDEXED_MAX }, (_, nth) => `w${nth.toString(36)}`).join(' ');
    await index({ long: words, emoji: `x${'😀'.repeat(INDEXED_MAX)}`, 'one word': 'y'.repeat(INDEXED_MAX * 2) });
    expect(await sources('w1a')).toEqual(['long']);
    const [last] = words.split(' ').slice(-1);
    expect(await sources(last!)).toEqual([]);
  });

  it('indexes text of any kind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (body) => {
        await index({ any: `marker ${body}` });
        expect(await sources('marker')).toEqual(['any']);
      }),
      { numRuns: 100 },
    );
  });
});
