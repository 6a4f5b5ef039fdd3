import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Poll, You } from '../../lib/contract';
import { ballotQuery, youQuery } from '../../lib/queries';
import { leaveSession, startSession } from '../../lib/session';
import { castOptions } from './cast-options';
import { keepDraft, keepReceipt, recallAttempt, recallDraft, recallReceipt, type Attempt } from './keeping';

const poll = { id: 7, room: 'lobby', method: 'plurality', candidates: [{ id: 3 }] } as Poll;
const attempt: Attempt = { key: 'K', marks: { choices: [3] }, token: 'T' };
const cast = { receipt: 'r1', poll: 7, changed: false, server_time: '' };
const you: You = { person: 'u1', row: null, muted: null, role: 'voter', polls: { '7': { voted: false, can_vote: true, reason: null } } };

const fetcher = vi.fn<typeof fetch>();
const answer = (status: number, body: unknown) => () => Promise.resolve(new Response(JSON.stringify(body), { status }));
const refusal = (status: number, code: string) => answer(status, { status, code, detail: '' });

let cache: QueryClient;

const start = (sent: Attempt = attempt) => cache.getMutationCache().build(cache, castOptions(cache, poll)).execute(sent);
const voted = () => cache.getQueryData(youQuery('lobby', 'T').queryKey)?.polls['7']?.voted;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('fetch', fetcher.mockReset());
  startSession('T');
  cache = new QueryClient();
  cache.setQueryData(youQuery('lobby', 'T').queryKey, you);
});

afterEach(() => {
  cache.clear();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('sends the same key, body and token again until an answer comes', async () => {
  fetcher
    .mockRejectedValueOnce(new TypeError('Failed to fetch'))
    .mockImplementationOnce(refusal(503, 'unavailable'))
    .mockImplementationOnce(refusal(507, 'storage_full'))
    .mockImplementation(answer(201, cast));

  const done = start();
  await vi.runAllTimersAsync();
  await done;

  const sent = fetcher.mock.calls.map(([, init]) => [new Headers(init?.headers), init?.body] as const);
  expect(sent).toHaveLength(4);
  expect(new Set(sent.map(([headers]) => headers.get('Idempotency-Key')))).toEqual(new Set(['K']));
  expect(new Set(sent.map(([headers]) => headers.get('Authorization')))).toEqual(new Set(['Bearer T']));
  expect(new Set(sent.map(([, body]) => body))).toEqual(new Set(['{"choices":[3]}']));
});

test('keeps the receipt under the token it was cast with', async () => {
  fetcher.mockImplementation(answer(201, cast));

  await start();

  expect(cache.getQueryData(ballotQuery(7, 'T').queryKey)).toEqual({ poll: 7, voted: true, choices: [3], receipt: 'r1' });
  expect(cache.getQueryData(ballotQuery(7, 'T2').queryKey)).toBeUndefined();
  expect(voted()).toBe(true);
});

test('is to be found after a reload for as long as there is no answer', async () => {
  fetcher.mockRejectedValueOnce(new TypeError('Failed to fetch')).mockImplementation(answer(201, cast));

  const done = start();
  await vi.advanceTimersByTimeAsync(0);
  expect(recallAttempt(poll, 'T')).toEqual(attempt);
  await vi.runAllTimersAsync();
  await done;

  expect(recallAttempt(poll, 'T')).toBeNull();
});

test('leaves the receipt and no marks behind when it is recorded', async () => {
  keepDraft(poll, attempt.marks);
  fetcher.mockImplementation(answer(201, cast));

  await start();

  expect(recallDraft(poll)).toBeNull();
  expect(recallReceipt(poll, 'u1')).toBe('r1');
});

test('leaves the receipt behind once it is known whose it is', async () => {
  cache.clear();
  fetcher.mockImplementation(answer(201, cast));

  await start();
  expect(recallReceipt(poll, 'u2')).toBeNull();
  cache.setQueryData(youQuery('lobby', 'T').queryKey, { ...you, person: 'u2' });

  expect(recallReceipt(poll, 'u2')).toBe('r1');
});

test('is sent no more once its voter has left the device', async () => {
  fetcher.mockRejectedValueOnce(new TypeError('Failed to fetch')).mockImplementation(answer(201, cast));
  const done = expect(start()).rejects.toMatchObject({ name: 'Left' });
  await vi.advanceTimersByTimeAsync(0);

  leaveSession();
  await vi.runAllTimersAsync();
  await done;

  expect(fetcher).toHaveBeenCalledOnce();
  expect(voted()).toBe(false);
});

test('says nothing is recorded when the ballot is refused', async () => {
  fetcher.mockImplementation(refusal(409, 'poll_not_open'));

  await expect(start()).rejects.toMatchObject({ problem: { code: 'poll_not_open' } });

  expect(fetcher).toHaveBeenCalledOnce();
  expect(voted()).toBe(false);
});

test.each([
  ['first', null, 'If-None-Match', '*'],
  ['change', 'r0', 'If-Match', '"r0"'],
] as const)('a %s replaces no newer ballot of another device', async (_, over, header, condition) => {
  keepReceipt(poll, 'u1', 'r0');
  fetcher.mockRejectedValueOnce(new TypeError('Failed to fetch')).mockImplementation(refusal(412, 'stale'));

  const done = expect(start({ ...attempt, over })).rejects.toMatchObject({ problem: { code: 'stale' } });
  await vi.advanceTimersByTimeAsync(0);
  expect(recallAttempt(poll, 'T')).toEqual({ ...attempt, over });
  await vi.runAllTimersAsync();
  await done;

  for (const [, init] of fetcher.mock.calls) expect(new Headers(init?.headers).get(header)).toBe(condition);
  expect(voted()).toBe(true);
  expect(recallReceipt(poll, 'u1')).toBeNull();
});

test('knows that a vote stands when another device was quicker', async () => {
  fetcher.mockImplementation(refusal(409, 'already_voted'));

  await expect(start()).rejects.toMatchObject({ problem: { code: 'already_voted' } });

  expect(voted()).toBe(true);
});
