import { expect, test } from 'vitest';

import { placeOfDrag, placeOfKey } from './drag';

const rows = [0, 60, 120, 180].map((top) => ({ top, height: 50 }));

test.each([
  [0, 0, 0],
  [0, 59, 0],
  [0, 61, 1],
  [0, 500, 3],
  [3, -61, 2],
  [3, -500, 0],
  [1, 61, 2],
  [1, -61, 0],
])('row %i dragged by %i px comes to place %i', (from, byPx, place) => {
  expect(placeOfDrag(rows, from, byPx)).toBe(place);
});

test.each([
  ['ArrowUp', 1, 0],
  ['ArrowDown', 1, 2],
  ['Home', 2, 0],
  ['End', 0, 3],
  ['Enter', 1, undefined],
])('%s moves row %i of four to place %s', (key, from, place) => {
  expect(placeOfKey(key, from, 4)).toBe(place);
});
