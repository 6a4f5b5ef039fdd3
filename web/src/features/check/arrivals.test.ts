import { expect, test } from 'vitest';

import { addSample, judge, lateMs } from './arrivals';

const sample = (n: number, sent_at: string) => ({ n, of: 5 as const, sent_at });
const at = (time: string) => Date.parse(time);

test('tells how late each came, whatever the clocks say', () => {
  const first = addSample([], sample(1, '2026-11-20T09:00:00.000Z'), at('2026-11-20T09:07:00.020Z'));
  const both = addSample(first, sample(2, '2026-11-20T09:00:01.000Z'), at('2026-11-20T09:07:01.005Z'));

  expect(both.map((arrival) => lateMs(both, arrival))).toEqual([15, 0]);
});

test('begins anew with a first sample', () => {
  const before = addSample([], sample(3, '2026-11-20T09:00:00.000Z'), 0);

  expect(addSample(before, sample(1, '2026-11-20T09:00:00.000Z'), 0).map(({ n }) => n)).toEqual([1]);
});

test.each([
  [null, 'none'],
  [12, 'good'],
  [200, 'fair'],
  [900, 'slow'],
] as const)('a median of %s ms is %s', (median, word) => {
  expect(judge(median)).toBe(word);
});
