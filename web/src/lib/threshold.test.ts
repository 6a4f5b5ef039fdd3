import { expect, test } from 'vitest';

import type { Poll, Results, Threshold } from './contract';
import { thresholdShare } from './threshold';

const poll = { quorum: { present_at_close: 60 } } as Poll;
const results = (of: Threshold['of'], over: Partial<Results> = {}) =>
  ({
    ballots: 50,
    blank: 10,
    eligible: 100,
    threshold: { num: 1, den: 2, of, rule: 'more_than' },
    ...over,
  }) as Results;

test.each([
  ['valid', 0.5],
  ['cast', 0.625],
  ['present', 0.75],
  ['eligible', null],
] as const)('half of %s is at %s of the valid ballots', (of, share) => {
  expect(thresholdShare(poll, results(of))).toBe(share);
});

test('is known of valid ballots before there are any', () => {
  expect(thresholdShare(poll, results('valid', { ballots: 0, blank: 0 }))).toBe(0.5);
  expect(thresholdShare(poll, results('cast', { ballots: 0, blank: 0 }))).toBeNull();
});

test('is told of nothing that is hidden or not asked', () => {
  expect(thresholdShare(poll, results('valid', { blank: null }))).toBeNull();
  expect(thresholdShare(poll, results('valid', { threshold: null }))).toBeNull();
});
