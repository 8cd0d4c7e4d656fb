import { expect, it } from 'vitest';
import { isFiltered, nextPage, previousPage, taskListSearch, withFilter, withSort } from './search.ts';

it('takes a wrong value of the address as none', () => {
  const search = taskListSearch.parse({ status: 'gone', user: '', text: 5, since: '24h', sort: 'colour', pages: 'x' });
  expect(search).toEqual({ text: '5', since: '24h' });
});

it('goes through pages and back to the first', () => {
  const second = nextPage({ user: 'maria' }, 'a');
  const third = nextPage(second, 'b');
  expect(third.pages).toEqual(['a', 'b']);
  expect(previousPage(third)).toEqual(second);
  expect(previousPage(second)).toEqual({ user: 'maria', pages: undefined });
});

it('begins at the first page with another filter', () => {
  expect(withFilter({ pages: ['a'], text: 'x' }, { status: 'failed' })).toEqual({ text: 'x', status: 'failed' });
});

it('sorts falling, rising, then not', () => {
  const falling = withSort({}, 'cost');
  const rising = withSort(falling, 'cost');
  expect([falling, rising, withSort(rising, 'cost')]).toEqual([{ sort: 'cost' }, { sort: 'cost', rising: true }, {}]);
  expect(withSort(rising, 'age')).toEqual({ sort: 'age' });
});

it('knows whether anything is filtered', () => {
  expect([isFiltered({ sort: 'cost' }), isFiltered({ since: '1h' })]).toEqual([false, true]);
});
