import { describe, expect, test } from 'vitest';

import { NoAnswer, Refusal } from '../../lib/api';
import type { Poll, ProblemCode } from '../../lib/contract';
import { readMode, repeatDelayMs, shouldRepeat } from './casting';
import { packDraft, readDraft } from './draft';

const poll = { id: 7, method: 'plurality' } as Poll;
const situation = { poll, state: 'open', signedIn: true, standing: undefined, ballot: undefined } as const;
const refusal = (code: ProblemCode, status: number, retryAfterSeconds: number | null = null) =>
  new Refusal({ type: '', title: '', detail: '', code, status }, retryAfterSeconds);

describe('readMode', () => {
  test('lets the signed-in vote', () => {
    expect(readMode(situation)).toBe('vote');
  });

  test('sends the signed-out to sign in', () => {
    const standing = { voted: false, can_vote: false, reason: 'unauthenticated' };

    expect(readMode({ ...situation, signedIn: false, standing })).toBe('sign-in');
  });

  test('says so when the server bars the voter', () => {
    expect(readMode({ ...situation, standing: { voted: false, can_vote: false, reason: 'not_eligible' } })).toBe(
      'barred',
    );
  });

  test('knows a voter by the standing or by the ballot', () => {
    expect(readMode({ ...situation, standing: { voted: true, can_vote: false, reason: null } })).toBe('voted');
    expect(readMode({ ...situation, ballot: { poll: 7 } })).toBe('voted');
  });

  test.each(['draft', 'closed', 'void', 'paused'] as const)('tells that the poll is %s', (state) => {
    expect(readMode({ ...situation, state })).toBe(state);
  });

  test('still shows a cast ballot while the poll is paused', () => {
    expect(readMode({ ...situation, state: 'paused', ballot: { poll: 7 } })).toBe('voted');
  });

  test('cannot vote by other methods yet', () => {
    expect(readMode({ ...situation, poll: { ...poll, method: 'ranked' } })).toBe('unsupported');
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

describe('draft', () => {
  test('comes back from signing in', () => {
    expect(readDraft(packDraft(7, 3), 7)).toBe(3);
  });

  test.each([packDraft(8, 3), packDraft(7, null), null, 'x', { draft: { poll: 7, choice: '3' } }])(
    'is nothing in %j',
    (state) => {
      expect(readDraft(state, 7)).toBeNull();
    },
  );
});
