import { describe, expect, test } from 'vitest';

import type { Poll, Results, Tally } from '../../lib/contract';
import { risingRows, roundRows, tallyRows } from './rows';
import { chooseScene } from './scene';

const tally: Tally[] = [1, 2, 3].map((candidate) => ({
  candidate,
  name: `${candidate}`,
  votes: 10 * candidate,
  share: candidate / 6,
  passed: candidate === 3,
  answer: null,
}));
const results = (over: Partial<Results> = {}) =>
  ({ state: 'open', tally, winners: null, tied: null, rounds: null, threshold: null, ...over }) as Results;
const poll = { method: 'plurality' } as Poll;
const rounds = [
  { votes: { '1': 2, '2': 3, '3': 5 }, exhausted: 0, eliminated: [1], tied: [] },
  { votes: { '2': 3, '3': 6 }, exhausted: 1, eliminated: [], tied: [] },
];
const threshold = { num: 1, den: 2, of: 'valid', rule: 'more_than' } as const;

describe('tallyRows', () => {
  test('calls nobody passed or failed while the poll is open, or where there is no threshold', () => {
    const open = tallyRows(
      poll,
      results({ threshold }),
      tally.map((row) => ({ ...row, passed: null })),
    );
    const free = tallyRows(poll, results({ winners: [3], tied: [] }), tally);

    expect([...open, ...free].map(({ passed }) => passed)).toEqual(Array(6).fill(null));
  });

  test('calls nobody passed where nothing is decided without a quorum', () => {
    const rows = tallyRows(poll, results({ winners: [], tied: [], threshold, verdict: 'no_quorum' }), tally);

    expect(rows.map(({ passed }) => passed)).toEqual([null, null, null]);
  });

  test('measures what is for a motion, and not what is against it', () => {
    const answers = ['for', 'against', 'abstain'] as const;
    const rows = tallyRows(poll, results({ threshold }), tally.map((row, place) => ({ ...row, answer: answers[place] ?? null })));

    expect(rows.map(({ measured }) => measured)).toEqual([true, false, true]);
  });

  test('tells who won, who is level and who passed', () => {
    const rows = tallyRows(poll, results({ winners: [3], tied: [1, 2], threshold }), tally);

    expect(rows.map(({ outcome }) => outcome)).toEqual(['won', 'tied', 'tied']);
    expect(rows.map(({ passed }) => passed)).toEqual([true, false, false]);
  });
});

describe('the order', () => {
  const places = (over: Partial<Results>) => tallyRows(poll, results(over), tally).map(({ place }) => place);

  test.each([
    ['the ballot’s while nothing is decided', {}, [1, 2, 3]],
    ['who won before the others', { winners: [3], tied: [] }, [3, 1, 2]],
    ['who won, then who is level', { winners: [2], tied: [1, 3] }, [2, 1, 3]],
    ['who is level before who lost', { winners: [], tied: [2, 3] }, [2, 3, 1]],
  ])('is %s, each with its number on the ballot', (_, over, expected) => {
    expect(places(over)).toEqual(expected);
  });
});

describe('roundRows', () => {
  const ended = results({ winners: [3], tied: [], rounds });

  test('shares out the ballots that still count, and marks who leaves', () => {
    expect(roundRows(poll, ended, tally, 0).map(({ votes, share, outcome }) => [votes, share, outcome])).toEqual([
      [2, 0.2, 'leaving'],
      [3, 0.3, null],
      [5, 0.5, null],
    ]);
  });

  test('tells how many votes came from those who left', () => {
    expect(roundRows(poll, ended, tally, 0).map(({ gained }) => gained)).toEqual([0, 0, 0]);
    expect(roundRows(poll, ended, tally, 1).map(({ id, gained }) => [id, gained])).toEqual([
      [3, 1],
      [1, 0],
      [2, 0],
    ]);
  });

  test('tells in the last round who won, and in which round the others went', () => {
    expect(roundRows(poll, ended, tally, 1).map(({ votes, outcome, outIn }) => [votes, outcome, outIn])).toEqual([
      [6, 'won', null],
      [0, 'out', 1],
      [3, null, null],
    ]);
  });
});

test('rising rows stand as on the ballot, and nothing is told of them', () => {
  const rows = risingRows(tallyRows(poll, results({ winners: [3], tied: [], threshold }), tally));

  expect(rows.map(({ place, outcome, passed, votes }) => [place, outcome, passed, votes])).toEqual([
    [1, null, null, 10],
    [2, null, null, 20],
    [3, null, null, 30],
  ]);
});

describe('chooseScene', () => {
  const poll = { state: 'open' } as Poll;

  test.each([
    ['waiting', undefined, results()],
    ['loading', poll, undefined],
    ['void', { ...poll, state: 'void' } satisfies Poll, undefined],
    ['void', poll, results({ state: 'void', tally: null })],
    ['hidden', poll, results({ tally: null })],
    ['tally', poll, results()],
    ['rounds', poll, results({ rounds })],
  ])('shows %s', (scene, shown, told) => {
    expect(chooseScene(shown, told)).toBe(scene);
  });
});
