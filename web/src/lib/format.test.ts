import { expect, test } from 'vitest';

import { formatClock, formatCountdown } from './format';

test.each([
  [0, '0:00'],
  [59, '0:59'],
  [185, '3:05'],
  [3600, '1:00:00'],
  [3785, '1:03:05'],
])('counts %i seconds down as %s', (seconds, text) => {
  expect(formatCountdown(seconds)).toBe(text);
});

test('writes times in the room’s zone', () => {
  expect(formatClock('2026-11-20T09:00:00Z', 'en', 'Asia/Seoul')).toMatch(/^6:00\sPM$/);
});

test('falls back to the own zone where the room’s is not known', () => {
  expect(formatClock('2026-11-20T09:00:00Z', 'en', 'Nowhere/City')).toMatch(/\d:00/);
});
