import { expect, test } from 'vitest';

import { planRunOff } from './run-off';
import { makePoll, makeResults } from './samples';

test('those tied stand again for the seats that are left', () => {
  const results = makeResults({ 1: 5, 2: 3, 3: 3 }, { winners: [1], tied: [2, 3] });

  expect(planRunOff(makePoll({ seats: 2 }), results)).toEqual({ candidates: [2, 3], seats: 1 });
});

test('the first two stand again when nobody reached the threshold', () => {
  expect(planRunOff(makePoll(), makeResults({ 1: 2, 2: 4, 3: 3 }))).toEqual({ candidates: [2, 3], seats: 1 });
});

test('whoever is level with the second stands too', () => {
  expect(planRunOff(makePoll(), makeResults({ 1: 2, 2: 4, 3: 2 }))?.candidates).toEqual([2, 1, 3]);
});

test.each([
  ['it is decided', makeResults({ 1: 5, 2: 1 }, { winners: [1] })],
  ['it is still open', makeResults({ 1: 1, 2: 1 }, { state: 'open', winners: null, tied: null })],
  ['one candidate alone has votes', makeResults({ 1: 5, 2: 0 })],
  ['nobody voted', makeResults({ 1: 0, 2: 0 })],
  ['nothing is told yet', undefined],
])('there is no run-off when %s', (_, results) => {
  expect(planRunOff(makePoll(), results)).toBeNull();
});
