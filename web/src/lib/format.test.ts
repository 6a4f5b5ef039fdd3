import { afterEach, expect, test, vi } from 'vitest';

import { formatCountdown, formatListed, formatTime } from './format';

afterEach(() => vi.unstubAllEnvs());

test.each([
  [0, '0:00'],
  [59, '0:59'],
  [185, '3:05'],
  [3600, '1:00:00'],
  [3785, '1:03:05'],
])('counts %i seconds down as %s', (seconds, text) => {
  expect(formatCountdown(seconds)).toBe(text);
});

const nine = '2026-11-20T09:00:00Z';

test.each([
  ['Asia/Seoul', 'en', 'Asia/Seoul', /6:00\sPM$/],
  ['Asia/Tokyo', 'en', 'Asia/Seoul', /6:00\sPM$/],
  ['Europe/Berlin', 'en', 'Asia/Seoul', /6:00\sPM \(Korean Standard Time\)$/],
  ['Europe/Berlin', 'ko', 'Asia/Seoul', /6:00 \((대한민국|한국) 표준시\)$/],
  ['Asia/Seoul', 'en', 'UTC', /9:00\sAM \(UTC\)$/],
  ['Asia/Seoul', 'en', 'Nowhere/City', /9:00\sAM \(UTC\)$/],
  ['UTC', 'en', 'Nowhere/City', /9:00\sAM \(UTC\)$/],
  ['UTC', 'en', undefined, /9:00\sAM$/],
])('a reader in %s reads in %s a time of a room in %s, whose zone is named where it differs', (here, language, zone, text) => {
  vi.stubEnv('TZ', here);

  expect(formatTime(nine, language, zone)).toMatch(text);
});

test('names no zone in a list, which names it once', () => {
  vi.stubEnv('TZ', 'Europe/Berlin');

  expect(formatListed(nine, 'en', 'Asia/Seoul')).toMatch(/^6:00\sPM$/);
});
