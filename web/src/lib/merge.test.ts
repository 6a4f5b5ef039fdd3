import { describe, expect, test } from 'vitest';

import type { Meeting, Message, Person, Poll, Presence, PresenceDiff, Results, You } from './contract';
import {
  applyPresence,
  currentMeeting,
  currentState,
  dropPoll,
  keepEarlierPolls,
  keepLastMessages,
  mergeMessages,
  mergeYou,
  newestResults,
  putPoll,
} from './merge';

const results = (over: Partial<Results>) => ({ poll: 7, epoch: 1, version: 5, state: 'open', ...over }) as Results;
const person = (id: string, status: Person['status'] = 'online') => ({ id, name: id, status }) as Person;
const quorum = { required: null, present: 0, met: null };
const presence = (seq: number, online = seq, people: Person[] | null = null): Presence => ({
  ...{ seq, online, present: online, quorum, people },
});
const diff = (seq: number, over: Partial<PresenceDiff> = {}): PresenceDiff => ({
  ...{ room: 'lobby', seq, online: seq, present: seq, quorum, joins: [], leaves: [] },
  ...over,
});
const message = (id: number) => ({ id, text: `text ${id}` }) as Message;
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
    expect(applyPresence(presence(4), diff(5))).toEqual({ presence: presence(5), gap: false });
  });

  test('ignores a diff that the snapshot already holds', () => {
    const kept = presence(5, 30);

    expect(applyPresence(kept, diff(5, { online: 2 }))).toEqual({ presence: kept, gap: false });
  });

  test('applies the counts and reports the gap when a diff was missed', () => {
    expect(applyPresence(presence(4), diff(6))).toEqual({ presence: presence(6), gap: true });
  });

  test('adds who came, takes out who went and replaces who changed', () => {
    const kept = presence(4, 2, [person('u1'), person('u2')]);
    const told = diff(5, { joins: [person('u1', 'away'), person('g3')], leaves: ['u2'] });

    expect(applyPresence(kept, told).presence.people).toEqual([person('u1', 'away'), person('g3')]);
  });

  test('knows no names any more once the room is too large for them', () => {
    const kept = presence(4, 1, [person('u1')]);

    expect(applyPresence(kept, diff(5, { joins: null, leaves: null })).presence.people).toBeNull();
  });
});

describe('messages', () => {
  test('stand in their order, each once', () => {
    expect(mergeMessages([message(2), message(3)], [message(1), message(3)])).toEqual([1, 2, 3].map(message));
  });

  test('go on from those of before a lost connection where they meet', () => {
    expect(keepLastMessages([message(1), message(2)], [message(2), message(3)])).toEqual([1, 2, 3].map(message));
  });

  test('begin anew where some were missed in between', () => {
    expect(keepLastMessages([message(1)], [message(60), message(61)])).toEqual([60, 61].map(message));
  });

  test('lose what is no longer among the last ones, and keep what came after them', () => {
    expect(keepLastMessages([1, 2, 3, 5].map(message), [2, 4].map(message))).toEqual([1, 2, 4, 5].map(message));
  });

  test('begin anew where an earlier one was removed unseen', () => {
    expect(keepLastMessages([1, 2, 3].map(message), [2, 3].map(message), true)).toEqual([2, 3].map(message));
    expect(keepLastMessages([1, 2].map(message), [], true)).toEqual([]);
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

  test('adds an earlier poll before the later ones', () => {
    expect(putPoll([poll(1), poll(3)], poll(2))).toEqual([poll(1), poll(2), poll(3)]);
  });

  test('keeps those that are earlier than all that a snapshot tells of', () => {
    const kept = [poll(1), poll(4), poll(6), poll(7)];
    const current = poll(1, { title: 'now' });

    expect(keepEarlierPolls(kept, [current, poll(8)], 6)).toEqual([current, poll(4), poll(8)]);
    expect(keepEarlierPolls(kept, [poll(8)], null)).toEqual([poll(8)]);
  });

  test('drops a deleted poll', () => {
    expect(dropPoll([poll(1), poll(2)], 1)).toEqual([poll(2)]);
  });

  test('believes the state of the results before that of the poll', () => {
    expect(currentState(poll(7), results({ state: 'closed' }))).toBe('closed');
    expect(currentState(poll(7), undefined)).toBe('open');
    const closing = poll(7, { closed_at: '2026-11-20T10:00:00.000Z' });
    expect(currentState(closing, results({ state: 'open' }))).toBe('counting');
    expect(currentState(closing, results({ state: 'closed' }))).toBe('closed');
    expect(currentState(poll(7), results({ state: 'paused' }))).toBe('paused');
  });

  test('never go back to a state of before, however late that is told', () => {
    expect(currentState(poll(7), results({ state: 'draft' }))).toBe('open');
    expect(currentState(poll(7, { state: 'void' }), results({ state: 'closed' }))).toBe('void');

    const closed = poll(1, { state: 'closed' });
    expect(putPoll([closed], poll(1))).toEqual([closed]);
  });
});

describe('mergeYou', () => {
  const chance = (voted: boolean) => ({ voted, can_vote: false, reason: null });
  const you = (person: string, polls: You['polls']): You => ({ person, row: null, muted: null, role: 'voter', polls });

  test('keeps what was told of other polls', () => {
    const kept = you('u1', { '1': chance(true), '2': chance(false) });

    expect(mergeYou(kept, you('u1', { '2': chance(true) })).polls).toEqual({ '1': chance(true), '2': chance(true) });
  });

  test('keeps nothing that was told to somebody else', () => {
    const told = you('u2', {});

    expect(mergeYou(you('u1', { '1': chance(true) }), told)).toBe(told);
  });
});

describe('currentMeeting', () => {
  const meeting = (number: number, ended_at: string | null = null) => ({ id: number, number, ended_at }) as Meeting;

  test('takes a meeting that has begun', () => {
    expect(currentMeeting(null, meeting(1))).toEqual(meeting(1));
  });

  test('is none when the meeting has ended', () => {
    expect(currentMeeting(meeting(1), meeting(1, '2026-11-20T10:00:00.000Z'))).toBeNull();
  });

  test('is none when an earlier meeting gets another title', () => {
    expect(currentMeeting(null, meeting(1, '2026-11-20T10:00:00.000Z'))).toBeNull();
  });

  test('keeps the meeting that goes on when news of an earlier one arrives', () => {
    expect(currentMeeting(meeting(2), meeting(1, '2026-11-20T10:00:00.000Z'))).toEqual(meeting(2));
  });
});
