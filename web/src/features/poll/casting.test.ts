import { describe, expect, test } from 'vitest';

import { NoAnswer, Refusal } from '../../lib/api';
import type { ProblemCode, Role } from '../../lib/contract';
import { readBarred, readMode, repeatDelayMs, shouldRepeat } from './casting';

const situation = { state: 'open', signedIn: true, standing: undefined, ballot: undefined } as const;
const refusal = (code: ProblemCode, status: number, retryAfterSeconds: number | null = null) =>
  new Refusal({ type: '', title: '', detail: '', code, status }, retryAfterSeconds);
const barred = (reason: string) => ({ voted: false, can_vote: false, reason });

describe('readMode', () => {
  test('lets the signed-in vote', () => {
    expect(readMode(situation)).toBe('vote');
  });

  test('asks the signed-out to come in', () => {
    expect(readMode({ ...situation, signedIn: false, standing: barred('unauthenticated') })).toBe('enter');
  });

  test.each(['not_eligible', 'not_present'])('says so when the voter is %s', (reason) => {
    expect(readMode({ ...situation, standing: barred(reason) })).toBe('barred');
  });

  test('keeps the form while the poll is paused, and while its reopening is news', () => {
    expect(readMode({ ...situation, state: 'paused', standing: barred('poll_not_open') })).toBe('vote');
    expect(readMode({ ...situation, standing: barred('poll_not_open') })).toBe('vote');
  });

  test('knows a voter by the standing or by the ballot', () => {
    expect(readMode({ ...situation, standing: { voted: true, can_vote: false, reason: null } })).toBe('voted');
    expect(readMode({ ...situation, ballot: { poll: 7, voted: true } })).toBe('voted');
  });

  test.each(['draft', 'counting', 'closed', 'void'] as const)('tells that the poll is %s', (state) => {
    expect(readMode({ ...situation, state })).toBe(state);
  });

  test.each([true, false])('asks nobody in while the ballots are counted', (signedIn) => {
    expect(readMode({ ...situation, state: 'counting', signedIn })).toBe('counting');
  });

  test.each(['paused', 'counting'] as const)('still shows a cast ballot while the poll is %s', (state) => {
    expect(readMode({ ...situation, state, ballot: { poll: 7, voted: true } })).toBe('voted');
  });
});

describe('shouldRepeat', () => {
  test('repeats for as long as no answer comes', () => {
    expect(shouldRepeat(500, new NoAnswer())).toBe(true);
  });

  test.each([
    ['unavailable', 503],
    ['storage_full', 507],
    ['rate_limited', 429],
  ] as const)('repeats after %s', (code, status) => {
    expect(shouldRepeat(20, refusal(code, status))).toBe(true);
  });

  test('gives up on an internal fault after three repetitions', () => {
    expect(shouldRepeat(2, refusal('internal', 500))).toBe(true);
    expect(shouldRepeat(3, refusal('internal', 500))).toBe(false);
  });

  test.each([
    ['poll_not_open', 409],
    ['token_expired', 401],
    ['stale', 409],
    ['idempotency_mismatch', 422],
  ] as const)('takes %s for an answer', (code, status) => {
    expect(shouldRepeat(0, refusal(code, status))).toBe(false);
  });
});

describe('repeatDelayMs', () => {
  test('doubles up to five seconds', () => {
    expect([0, 1, 2, 3, 4, 30].map((failures) => repeatDelayMs(failures, new NoAnswer(), 1))).toEqual([
      500, 1000, 2000, 4000, 5000, 5000,
    ]);
  });

  test('spreads a hall over half of the wait', () => {
    expect(repeatDelayMs(4, new NoAnswer(), 0)).toBe(2500);
  });

  test('waits for as long as it is told', () => {
    expect(repeatDelayMs(0, refusal('rate_limited', 429, 7), 0)).toBe(7000);
  });
});

describe('readBarred', () => {
  const as = (person: string, role: Role, row: number | null = null) => ({ person, row, muted: null, role, polls: {} });

  test.each([
    ['roll', as('g5', 'guest'), 'not_eligible_roll'],
    ['roll', as('u1', 'visitor'), 'not_eligible_roll'],
    ['roll', as('r3', 'observer', 3), 'observer'],
    ['roll', as('r3', 'voter', 3), 'came_later'],
    ['roll', as('u1', 'host', 3), 'came_later'],
    ['roll', as('u1', 'voter'), 'not_eligible_roll'],
    ['accounts', as('g5', 'guest'), 'not_eligible_accounts'],
    ['accounts', as('r3', 'voter'), 'not_eligible_accounts'],
    ['accounts', as('u1', 'voter'), 'unknown'],
    ['accounts', as('u1', 'observer'), 'observer'],
    ['anyone', as('g5', 'guest'), 'unknown'],
    ['anyone', as('u1', 'visitor'), 'unknown'],
  ] as const)('says in a poll for %s what keeps %o from voting', (eligibility, you, expected) => {
    expect(readBarred('not_eligible', eligibility, you)).toBe(expected);
  });

  test('says that somebody is not present whoever they are', () => {
    expect(readBarred('not_present', 'roll', as('r3', 'voter'))).toBe('not_present');
  });

  test.each(['forbidden', 'not_found', null] as const)('says nothing in particular where the reason is %s', (bar) => {
    expect(readBarred(bar, 'accounts', as('g5', 'guest'))).toBe('unknown');
  });
});
