import { expect, test } from 'vitest';

import { listParticipants } from './participants';

const openedAt = '2026-11-20T09:00:00.000Z';
const visit = (person: string, name: string, first = '2026-11-20T08:00:00.000Z') => ({
  person,
  name,
  first,
  last: first,
  seconds: 60,
});
const list = (sources: Partial<Parameters<typeof listParticipants>[0]>) =>
  listParticipants({ attendance: [], voters: null, barred: [], newcomers: [], openedAt, ...sources }, 'en');

test('accounts that came after the opening are new, and come before those who were here', () => {
  const people = list({ attendance: [visit('u1', 'Ada'), visit('u2', 'Zed', openedAt), visit('g1', 'Mina')] });

  expect(people.map(({ name, isNew }) => [name, isNew])).toEqual([
    ['Zed', true],
    ['Ada', false],
    ['Mina', false],
  ]);
});

test('accounts that voted and were never in the room come first', () => {
  const voters = [
    { id: 'u1', name: 'Ada', voted: false, removed: false },
    { id: 'u9', name: 'Zed', voted: true, removed: false },
  ];

  const people = list({ attendance: [visit('u1', 'Ada', openedAt)], voters });

  expect(people.map(({ id, voted, isUnseen }) => [id, voted, isUnseen])).toEqual([
    ['u9', true, true],
    ['u1', false, false],
  ]);
});

test('accounts made since the opening come first, also where nobody is told who has voted', () => {
  const newcomers = [{ id: 'u9', name: 'Zed', made_at: openedAt, barred: false }];

  const people = list({ attendance: [visit('u1', 'Ada', openedAt)], newcomers });

  expect(people.map(({ id, isMade, voted }) => [id, isMade, voted])).toEqual([
    ['u9', true, null],
    ['u1', false, null],
  ]);
});

test('rows of the roll are left out, and an account of a row counts as seen', () => {
  const people = list({ attendance: [visit('r5', 'Ada')], voters: [{ id: 'u1', name: 'Ada', voted: true, removed: false }] });

  expect(people.map(({ id, isUnseen }) => [id, isUnseen])).toEqual([['u1', false]]);
});

test('who is barred stays listed, also after the account was deleted', () => {
  const people = list({ barred: [{ person: 'u7', barred_at: openedAt }] });

  expect(people).toMatchObject([{ id: 'u7', name: null, isBarred: true, voted: null }]);
});

test('nobody is new in a poll that has not opened', () => {
  expect(list({ attendance: [visit('u1', 'Ada')], openedAt: null })).toMatchObject([{ isNew: false }]);
});
