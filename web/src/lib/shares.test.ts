import { describe, expect, test } from 'vitest';

import type { Poll, Presence, Results, Threshold } from './contract';
import { formatShare } from './format';
import { thresholdShare, turnoutShare, voteShare } from './shares';

const poll = { method: 'plurality', score_max: 5, quorum: { present_at_close: 60 } } as Poll;
const results = (over: Partial<Results> = {}) => ({ ballots: 50, blank: 10, eligible: 100, ...over }) as Results;

describe('voteShare', () => {
  test('is rounded once where it is shown', () => {
    expect(formatShare(voteShare(1, poll, results({ ballots: 30, blank: 1 })), 'en')).toBe('3.4%');
  });

  test('is of the valid ballots, or of all points that they could give', () => {
    expect(voteShare(10, poll, results())).toBe(0.25);
    expect(voteShare(50, { ...poll, method: 'score' }, results())).toBe(0.25);
  });

  test('is nothing before there are valid ballots', () => {
    expect(voteShare(0, poll, results({ ballots: 10 }))).toBe(0);
  });
});

test.each([
  ['1 of 29', 1, 29, '3.4%'],
  ['a poll of an earlier version with more ballots than people', 3, 2, '150.0%'],
])('turnoutShare tells %s', (_, ballots, eligible, text) => {
  expect(formatShare(turnoutShare(results({ ballots, eligible })) ?? NaN, 'en')).toBe(text);
});

test.each([null, 0])('turnoutShare is unknown of %s people', (eligible) => {
  expect(turnoutShare(results({ eligible }))).toBeNull();
});

describe('thresholdShare', () => {
  const asked = (of: Threshold['of'], over: Partial<Results> = {}) =>
    results({ threshold: { num: 1, den: 2, of, rule: 'more_than' }, eligible: 60, ...over });
  const presence = { present: 50 } as Presence;

  test.each([
    ['valid', 0.5],
    ['cast', 0.625],
    ['present', 0.75],
    ['eligible', 0.75],
  ] as const)('measures half of %s in valid ballots', (of, share) => {
    expect(thresholdShare(poll, asked(of), presence)).toBe(share);
  });

  test('takes who is present now until the close', () => {
    const open = { ...poll, quorum: { present_at_close: null } } as Poll;

    expect(thresholdShare(open, asked('present'), presence)).toBe(0.625);
    expect(thresholdShare(open, asked('present'))).toBeNull();
  });

  test('takes no more than the electorate until the close', () => {
    const open = { ...poll, quorum: { present_at_close: null } } as Poll;
    const crowd = { present: 90 } as Presence;

    expect(thresholdShare(open, asked('present', { eligible: 48, ballots: 40, blank: 0 }), crowd)).toBe(0.6);
    expect(thresholdShare(open, asked('present', { eligible: null, ballots: 90, blank: 0 }), crowd)).toBe(0.5);
  });

  test('takes no fewer than were present at the opening, or have voted', () => {
    const left = { present: 1 } as Presence;
    const opened = (count: number) => ({ ...poll, quorum: { present_at_open: count, present_at_close: null } }) as Poll;

    expect(thresholdShare(opened(60), asked('present'), left)).toBe(0.75);
    expect(thresholdShare(opened(9), asked('present'), left)).toBe(0.625);
  });

  test('is known of valid ballots before there are any', () => {
    expect(thresholdShare(poll, asked('valid', { ballots: 0, blank: 0 }))).toBe(0.5);
    expect(thresholdShare(poll, asked('cast', { ballots: 10 }))).toBeNull();
  });

  test.each([
    ['there is none', asked('valid', { threshold: null })],
    ['it is hidden', asked('valid', { blank: null })],
    ['its base is unknown', asked('eligible', { eligible: null })],
    ['nobody could reach it', asked('eligible', { eligible: 200 })],
  ])('is nowhere when %s', (_, given) => {
    expect(thresholdShare(poll, given)).toBeNull();
  });
});
