import { describe, expect, test } from 'vitest';

import type { Results } from './contract';
import { isNewVerdict, isTriumph, joinSentences, missesQuorum, wordQuorum, wordVerdict } from './verdicts';

const words = ((key: string, values?: object) => (values ? `${key} ${JSON.stringify(values)}` : key)) as never;
const tally = [
  { candidate: 1, name: 'Ada' },
  { candidate: 2, name: 'Noah' },
];
const results = (over: object = {}) =>
  ({ tally, winners: [], tied: [], threshold: null, quorum: null, ...over }) as unknown as Results;
const quorum = (met: boolean | null, over: object = {}) => ({
  ...{ required: met === null ? null : 5, present_at_open: 3, present_at_close: 2, present: met ? 6 : 4, met },
  ...over,
});

describe('wordVerdict', () => {
  test.each([
    ['carried', {}, ['verdict.carried']],
    ['rejected', {}, ['verdict.rejected']],
    ['void', {}, ['verdict.void']],
    ['no_quorum', {}, ['verdict.no_quorum', 'verdict.undecided']],
    ['none_passed', {}, ['verdict.noVotes']],
    ['none_passed', { threshold: { num: 1, den: 2 } }, ['verdict.none_passed']],
    ['elected', { winners: [1] }, ['verdict.elected {"count":1,"names":"Ada"}']],
  ])('of %s', (verdict, over, sentences) => {
    expect(wordVerdict(words, results({ verdict, ...over }))).toEqual(sentences);
  });

  test('tells who won beside those who are level', () => {
    const tie = wordVerdict(words, results({ verdict: 'tied', winners: [1], tied: [2] }));

    expect(tie).toEqual(['verdict.elected {"count":1,"names":"Ada"}', 'verdict.tied {"names":"Noah"}', 'verdict.tieUnbroken']);
  });

  test('says nothing before the close', () => {
    expect(wordVerdict(words, results({ verdict: null, winners: null, tied: null }))).toEqual([]);
  });
});

describe('a missed quorum', () => {
  test.each(['elected', 'carried'] as const)('takes the gold from %s', (verdict) => {
    expect(isTriumph(results({ verdict, quorum: quorum(true) }))).toBe(true);
    expect(isTriumph(results({ verdict, quorum: quorum(null) }))).toBe(true);
    expect(isTriumph(results({ verdict, quorum: quorum(false) }))).toBe(false);
  });

  test.each(['rejected', 'tied', 'none_passed', 'no_quorum', 'void', null] as const)('or not, %s has none', (verdict) => {
    expect(isTriumph(results({ verdict, quorum: quorum(true) }))).toBe(false);
  });

  test('is only missed where it was asked for', () => {
    expect(missesQuorum(results({ quorum: quorum(null) }))).toBe(false);
    expect(missesQuorum(results({ quorum: quorum(false) }))).toBe(true);
  });
});

test('joinSentences gives each sentence its stop', () => {
  expect(joinSentences(['Carried', null, 'The meeting decides.', 'Quorum met'])).toBe('Carried. The meeting decides. Quorum met.');
});

describe('wordQuorum', () => {
  test('tells how many were asked for and counted', () => {
    expect(wordQuorum(words, results({ quorum: quorum(true) }))).toBe('verdict.quorumMet {"required":5,"present":6}');
    expect(wordQuorum(words, results({ quorum: quorum(false) }))).toBe('verdict.quorumUnmet {"required":5,"present":4}');
  });

  test('says nothing without a quorum, or before the close', () => {
    expect(wordQuorum(words, results({ quorum: quorum(null) }))).toBeNull();
    expect(wordQuorum(words, results({ quorum: quorum(true, { present_at_close: null, present: null }) }))).toBeNull();
  });
});

test('isNewVerdict tells one that has just come', () => {
  expect(isNewVerdict(null, 'carried')).toBe(true);
  expect(isNewVerdict('carried', 'carried')).toBe(false);
  expect(isNewVerdict(undefined, 'carried')).toBe(false);
  expect(isNewVerdict(null, null)).toBe(false);
  expect(isNewVerdict(null, 'void')).toBe(false);
});
