import { expect, it } from 'vitest';
import { askedOf, fromField, isNarrowed, isTail, logSearch, NO_LOG_FILTERS, toField } from './search.ts';

const NOW = Date.parse('2030-01-02T12:00:00.000Z');

it('takes a wrong value of the address as none', () => {
  const search = logSearch.parse({ agent: 'agent_1', level: 'LOUD', task: '', text: 404, since: '1h', from: 'noon' });
  expect(search).toEqual({ agent: 'agent_1', text: '404', since: '1h' });
});

it('asks by the names of the API', () => {
  expect(askedOf({ agent: 'agent_1', level: 'WARN', task: 'task_1', text: 'x', since: '1h' }, NOW)).toEqual({
    filters: {
      agent_id: 'agent_1',
      level: 'WARN',
      task_id: 'task_1',
      text: 'x',
      after: '2030-01-02T11:00:00.000Z',
    },
    before: undefined,
  });
});

it("lets a range of one's own count instead of a span", () => {
  const { filters, before } = askedOf({ since: '1h', to: '2030-01-01T00:00:00.000Z' }, NOW);
  expect([filters.after, before]).toEqual([undefined, '2030-01-01T00:00:00.000Z']);
});

it('is no tail when the range has an end', () => {
  expect([isTail({}), isTail({ to: '2030-01-01T00:00:00.000Z' })]).toEqual([true, false]);
});

it('knows whether anything narrows it', () => {
  expect([isNarrowed({}), isNarrowed(NO_LOG_FILTERS), isNarrowed({ level: 'INFO' })]).toEqual([false, false, true]);
});

it("takes an instant through the reader's zone and back", () => {
  expect(fromField(toField('2030-01-02T12:34:00.000Z'))).toBe('2030-01-02T12:34:00.000Z');
  expect([toField(undefined), fromField(''), fromField('soon')]).toEqual(['', undefined, undefined]);
});
