import { expect, it } from 'vitest';
import { includes, ROLES } from './role.ts';

it('includes in each role those before it', () => {
  const included = ROLES.map((role) => ROLES.filter((needed) => includes(role, needed)));
  expect(included).toEqual([['read'], ['read', 'submit'], ['read', 'submit', 'operate']]);
});
