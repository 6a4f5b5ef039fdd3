import { expect, test } from 'vitest';

import { makePoll } from './samples';
import { listDrafts, moveDraft } from './agenda';

const draft = (id: number, place: number | null = null) => ({ ...makePoll({}), id, place, state: 'draft' as const });
const ids = (polls: { id: number }[]) => polls.map(({ id }) => id);

test('lists drafts alone, by their place', () => {
  const polls = [draft(1, 3), draft(2), { ...draft(4), state: 'open' as const }, draft(3, 1)];

  expect(ids(listDrafts(polls))).toEqual([3, 2, 1]);
});

test.each([
  [0, 2, [2, 3, 1]],
  [2, 0, [3, 1, 2]],
  [1, 1, [1, 2, 3]],
  [0, -1, [1, 2, 3]],
  [2, 3, [1, 2, 3]],
])('moves the draft at %i to %i, as the server will', (from, to, expected) => {
  expect(ids(listDrafts(moveDraft([draft(1), draft(2), draft(3)], from, to)))).toEqual(expected);
});
