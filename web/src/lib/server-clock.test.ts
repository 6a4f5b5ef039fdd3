import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { betterOffset, noteServerTime, serverNowMs } from './server-clock';

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-20T09:00:00Z') });
});

afterEach(() => {
  vi.useRealTimers();
});

test('follows the server where the phone is wrong by minutes', () => {
  noteServerTime('2026-11-20T09:07:00.000Z');

  expect(serverNowMs()).toBe(Date.parse('2026-11-20T09:07:00.000Z'));
});

test.each([
  ['a first message', null, 300, 300],
  ['one that came quicker', 300, 340, 340],
  ['one that was slow on its way', 300, -1200, 300],
  ['one after a clock was set', 300, -60_000, -60_000],
])('believes %s', (_, kept, told, believed) => {
  expect(betterOffset(kept, told)).toBe(believed);
});

test('keeps what it knows when a time is none', () => {
  noteServerTime('2026-11-20T09:07:00.000Z');
  noteServerTime('soon');

  expect(Number.isFinite(serverNowMs())).toBe(true);
});
