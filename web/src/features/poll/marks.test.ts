import { describe, expect, test } from 'vitest';

import type { Poll } from '../../lib/contract';
import { blankMarks, giveScore, isBlank, marksFault, moveRank, readMarks, toggleChoice } from './marks';

const poll = (method: Poll['method'], over: Partial<Poll> = {}) =>
  ({ id: 7, method, max_choices: null, score_max: 5, candidates: [{ id: 1 }, { id: 2 }, { id: 3 }], ...over }) as Poll;

test('a blank ballot is blank by every method', () => {
  expect(blankMarks(poll('approval'))).toEqual({ choices: [] });
  expect(blankMarks(poll('score'))).toEqual({ scores: {} });
  expect(isBlank({ scores: { '1': 0 } })).toBe(false);
});

test('a new mark replaces the other in a plurality poll alone', () => {
  expect(toggleChoice(poll('plurality'), [1], 2)).toEqual([2]);
  expect(toggleChoice(poll('approval'), [1], 2)).toEqual([1, 2]);
  expect(toggleChoice(poll('approval'), [1, 2], 1)).toEqual([2]);
});

test('points are given, changed and taken away', () => {
  expect(giveScore({ '1': 3 }, 2, 0)).toEqual({ '1': 3, '2': 0 });
  expect(giveScore({ '1': 3 }, 1, 5)).toEqual({ '1': 5 });
  expect(giveScore({ '1': 3 }, 1, null)).toEqual({});
});

test.each([
  [0, 2, [2, 3, 1]],
  [2, 0, [3, 1, 2]],
  [1, 1, [1, 2, 3]],
  [0, 9, [2, 3, 1]],
  [1, -4, [2, 1, 3]],
  [7, 0, [1, 2, 3]],
])('moves place %i to %i', (from, to, ranks) => {
  expect(moveRank([1, 2, 3], from, to)).toEqual(ranks);
});

test('nothing marked, and too much, are faults', () => {
  expect(marksFault(poll('approval'), { choices: [] })).toBe('none');
  expect(marksFault(poll('approval', { max_choices: 1 }), { choices: [1, 2] })).toBe('tooMany');
  expect(marksFault(poll('ranked'), { choices: [1, 2, 3] })).toBeNull();
});

describe('readMarks', () => {
  test('takes what the poll has', () => {
    expect(readMarks(poll('ranked'), { choices: [3, 1] })).toEqual({ choices: [3, 1] });
    expect(readMarks(poll('score'), { scores: { '1': 5, '2': 0 } })).toEqual({ scores: { '1': 5, '2': 0 } });
  });

  test('leaves out what it does not have', () => {
    expect(readMarks(poll('approval'), { choices: [9, 1, 1, '2'] })).toEqual({ choices: [1] });
    expect(readMarks(poll('score'), { scores: { '1': 6, '2': -1, '9': 1, '3': 2.5 } })).toEqual({ scores: {} });
  });

  test.each([null, 'x', {}, { choices: 3 }, { scores: { '1': 5 } }])('is null for %j', (told) => {
    expect(readMarks(poll('plurality'), told)).toBeNull();
  });
});
