import { describe, expect, test } from 'vitest';

import type { Poll, Presence, Results } from './contract';
import { applyPresence, currentState, dropPoll, newestResults, putPoll } from './merge';

const results = (over: Partial<Results>) => ({ poll: 7, epoch: 1, version: 5, state: 'open', ...over }) as Results;
const presence = (seq: number, online = seq): Presence => ({ seq, online, present: online, quorum: null });
const poll = (id: number, over: Partial<Poll> = {}) => ({ id, title: '', state: 'open', ...over }) as Poll;

describe('newestResults', () => {
  test('takes the first that is told', () => {
    const told = results({});

    expect(newestResults(undefined, told)).toBe(told);
  });

  test('takes a greater version', () => {
    const told = results({ version: 6 });

    expect(newestResults(results({}), told)).toBe(told);
  });

  test('keeps what it has when an older version arrives late', () => {
    const kept = results({ version: 6 });

    expect(newestResults(kept, results({ version: 5 }))).toBe(kept);
  });

  test('takes a greater epoch although its version is smaller', () => {
    const told = results({ epoch: 2, version: 1 });

    expect(newestResults(results({ version: 900 }), told)).toBe(told);
  });

  test('keeps a greater epoch although its version is smaller', () => {
    const kept = results({ epoch: 2, version: 1 });

    expect(newestResults(kept, results({ version: 900 }))).toBe(kept);
  });

  test('takes the later of equals, which may show less', () => {
    const told = results({ tally: null });

    expect(newestResults(results({ tally: [] }), told)).toBe(told);
  });

  test('never keeps the results of another poll', () => {
    const told = results({ poll: 8, version: 1 });

    expect(newestResults(results({ version: 9 }), told)).toBe(told);
  });
});

describe('applyPresence', () => {
  test('applies the next diff', () => {
    expect(applyPresence(presence(4), presence(5))).toEqual({ presence: presence(5), gap: false });
  });

  test('ignores a diff that the snapshot already holds', () => {
    const kept = presence(5, 30);

    expect(applyPresence(kept, presence(5, 2))).toEqual({ presence: kept, gap: false });
  });

  test('applies the counts and reports the gap when a diff was missed', () => {
    expect(applyPresence(presence(4), presence(6))).toEqual({ presence: presence(6), gap: true });
  });
});

describe('polls', () => {
  test('replaces a poll in its place', () => {
    const changed = poll(1, { state: 'closed' });

    expect(putPoll([poll(1), poll(2)], changed)).toEqual([changed, poll(2)]);
  });

  test('adds a poll it has not seen', () => {
    expect(putPoll([poll(1)], poll(2))).toEqual([poll(1), poll(2)]);
  });

  test('drops a deleted poll', () => {
    expect(dropPoll([poll(1), poll(2)], 1)).toEqual([poll(2)]);
  });

  test('believes the state of the results before that of the poll', () => {
    expect(currentState(poll(7), results({ state: 'closed' }))).toBe('closed');
    expect(currentState(poll(7), undefined)).toBe('open');
  });
});
