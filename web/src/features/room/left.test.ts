import { expect, test } from 'vitest';

import { countLeft, nextLeft } from './left';

const polls = [1, 2, 3, 4].map((id) => ({ id, state: id === 4 ? ('closed' as const) : ('open' as const) }));
const voted = { voted: true, can_vote: false, reason: 'already_voted' as const };
const barred = { voted: false, can_vote: false, reason: 'not_eligible' as const };

test('polls are left until one has voted, may not vote, or they close', () => {
  expect(countLeft(polls, undefined)).toBe(3);
  expect(countLeft(polls, { 1: voted })).toBe(2);
  expect(countLeft(polls, { 1: voted, 2: barred })).toBe(1);
});

test('the next one comes after this, then from the first again', () => {
  expect(nextLeft(polls, { 2: voted }, 1)?.id).toBe(3);
  expect(nextLeft(polls, { 3: voted }, 2)?.id).toBe(1);
  expect(nextLeft(polls, { 1: voted, 2: voted, 3: voted }, 2)).toBeUndefined();
});
