import { expect, test } from 'vitest';

import { firstWay } from './ways';

const open = (eligibility: 'roll' | 'anyone' | 'accounts') => ({ state: 'open' as const, eligibility });

test.each([
  [undefined, [], 'guest'],
  [undefined, [open('accounts')], 'account'],
  [undefined, [open('accounts'), open('roll')], 'code'],
  [undefined, [{ state: 'closed' as const, eligibility: 'roll' as const }], 'guest'],
  ['account' as const, [open('roll')], 'account'],
])('opens %s of a public room with %j at %s', (asked, polls, first) => {
  expect(firstWay(['code', 'guest', 'account'], asked, polls)).toBe(first);
});

test('never opens a way that the room does not have', () => {
  expect(firstWay(['code', 'account'], 'guest', [open('anyone')])).toBe('code');
});
