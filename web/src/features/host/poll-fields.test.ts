import { describe, expect, test } from 'vitest';

import { chooseMethod, chooseSecrecy, moveCandidate, newCandidate, pasteCandidates, readFields, startFields, usualVoters, writeFields } from './poll-fields';
import { makePoll } from './samples';

const seoul = 'Asia/Seoul';
const names = (rows: { name: string }[]) => rows.map((row) => row.name);

describe('a form', () => {
  test('gives back the poll that it was read from', () => {
    const poll = makePoll({ method: 'score', score_max: 7, max_choices: 2, closes_at: '2026-11-20T09:00:00.000Z' });

    const { body } = writeFields(readFields(poll, seoul), seoul);

    expect(body).toMatchObject({
      method: 'score',
      score_max: 7,
      max_choices: 2,
      closes_at: '2026-11-20T09:00:00.000Z',
      opens_at: null,
      threshold: null,
      candidates: [
        { name: 'Ada', description: '', picture: null },
        { name: 'Noah', description: 'again' },
      ],
    });
    expect(body).not.toHaveProperty('id');
  });

  test('sends only the members asked for', () => {
    const fields = { ...startFields('roll'), title: 'New' };

    expect(writeFields(fields, seoul, ['title']).body).toEqual({ title: 'New' });
  });

  test('leaves nothing behind of a method that was left again', () => {
    const fields = { ...readFields(makePoll(), seoul), method: 'ranked' as const, seats: '3', score_max: '9' };

    expect(writeFields(fields, seoul, ['method']).body).toEqual({
      ...{ method: 'ranked', rule: 'irv', seats: 1, max_choices: null, score_max: 5 },
    });
  });

  test('leaves the candidates of a motion to the server', () => {
    const fields = chooseMethod({ ...readFields(makePoll(), seoul), seats: '3', max_choices: '2' }, 'motion');

    const { body } = writeFields(fields, seoul);

    expect(body).not.toHaveProperty('candidates');
    expect(body).toMatchObject({ method: 'motion', rule: null, seats: 1, max_choices: null });
    expect(body.threshold).toEqual({ num: 1, den: 2, of: 'valid', rule: 'more_than' });
  });

  test('sends candidates of its own where the poll was a motion', () => {
    const motion = makePoll({ method: 'motion', candidates: [{ id: 1, name: 'For', description: '', answer: 'for', picture: null }] });
    const fields = chooseMethod(readFields(motion, seoul), 'plurality');

    expect(fields.candidates.map(({ name }) => name)).toEqual(['', '']);
    expect(writeFields(fields, seoul, ['method']).body).toHaveProperty('candidates');
  });

  test('names a time that summer time skips', () => {
    const fields = { ...startFields('accounts'), opens_at: '2026-03-29T02:30' };

    expect(writeFields(fields, 'Europe/Berlin').skipped).toEqual(['opens_at']);
  });

  test('sends a number that is none as it was typed', () => {
    expect(writeFields({ ...startFields('accounts'), seats: 'two' }, seoul).body.seats).toBe('two');
  });
});

test.each([
  [true, false, 'roll'],
  [true, true, 'roll'],
  [false, false, 'accounts'],
  [false, true, 'anyone'],
])('usual voters with a roll %s and a guest host %s are %s', (hasRoll, hasGuestHost, usual) => {
  expect(usualVoters(hasRoll, hasGuestHost)).toBe(usual);
});

describe('chooseSecrecy', () => {
  test('shows a secret poll only at its end, a named one live', () => {
    const fields = startFields('roll');

    expect(chooseSecrecy(fields, 'named', false).results).toBe('live');
    expect(chooseSecrecy({ ...fields, results: 'live' }, 'secret', false).results).toBe('closed');
  });

  test('keeps the results policy that somebody chose', () => {
    expect(chooseSecrecy({ ...startFields('roll'), results: 'host' }, 'named', true).results).toBe('host');
  });
});

test('pasteCandidates takes a list, its numbering and empty lines away, over rows that are empty', () => {
  const rows = [newCandidate('Ada'), newCandidate('  ')];

  expect(names(pasteCandidates(rows, '1. Noah\r\n\n- 김하늘\n  2026 budget'))).toEqual(['Ada', 'Noah', '김하늘', '2026 budget']);
});

test.each([
  [0, 2, ['b', 'c', 'a']],
  [2, 0, ['c', 'a', 'b']],
  [0, -1, ['a', 'b', 'c']],
  [2, 3, ['a', 'b', 'c']],
])('moveCandidate moves %i to %i', (from, to, order) => {
  expect(names(moveCandidate(['a', 'b', 'c'].map((name) => newCandidate(name)), from, to))).toEqual(order);
});
