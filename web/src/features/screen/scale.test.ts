import { describe, expect, test } from 'vitest';

import type { Poll, Presence, Results } from '../../lib/contract';
import { chooseScale, thresholdShare } from './scale';

describe('chooseScale', () => {
  test('begins with all of the ballots', () => {
    expect(chooseScale(1, [0.2, 0.1], 5)).toBe(1);
  });

  test('looks closer when every bar would be short', () => {
    expect(chooseScale(1, [0.04, 0.07], 100)).toBe(0.1);
    expect(chooseScale(1, [0.3, 0.1], 100)).toBe(0.5);
  });

  test('stays when a bar comes near its end', () => {
    expect(chooseScale(0.25, [0.24], 100)).toBe(0.25);
  });

  test('steps back when a bar would not fit', () => {
    expect(chooseScale(0.25, [0.26], 100)).toBe(0.5);
    expect(chooseScale(0.25, [0.9], 3)).toBe(1);
  });

  test('always shows the line that is to be reached', () => {
    expect(chooseScale(1, [0.05, 0.6667], 100)).toBe(1);
  });
});

describe('thresholdShare', () => {
  const poll = { quorum: { present_at_close: null } } as Poll;
  const presence = { present: 50 } as Presence;
  const results = (of: string, over: Partial<Results> = {}) =>
    ({ threshold: { num: 1, den: 2, of, rule: 'more_than' }, ballots: 50, blank: 10, eligible: 60, ...over }) as Results;

  test.each([
    ['valid', 0.5],
    ['cast', 0.625],
    ['present', 0.625],
    ['eligible', 0.75],
  ])('measures half of those %s in valid ballots', (of, share) => {
    expect(thresholdShare(poll, results(of), presence)).toBe(share);
  });

  test('takes who was present at the close once that is known', () => {
    const closed = { quorum: { present_at_close: 40 } } as Poll;

    expect(thresholdShare(closed, results('present'), presence)).toBe(0.5);
  });

  test.each([
    ['there is none', results('valid', { threshold: null })],
    ['its base is unknown', results('eligible', { eligible: null })],
    ['nobody could reach it', results('eligible', { eligible: 200 })],
    ['there are no valid ballots', results('cast', { ballots: 10 })],
  ])('is nowhere when %s', (_, given) => {
    expect(thresholdShare(poll, given, presence)).toBeNull();
  });
});
