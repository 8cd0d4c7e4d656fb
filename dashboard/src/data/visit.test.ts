import { expect, it } from 'vitest';
import { keepForVisit, keptForVisit } from './visit.ts';

it('holds a text without the storage of a browser', () => {
  keepForVisit('muster.test', 'a draft');
  expect([keptForVisit('muster.test'), keptForVisit('muster.other')]).toEqual(['a draft', null]);
});
