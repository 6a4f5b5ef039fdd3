import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { ask, askTagged, NoAnswer, Refusal } from './api';
import { getSession, leaveSession, startSession } from './session';
import { getSteps } from './trail';

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(body === null ? null : JSON.stringify(body), { status, headers });
const problem = (code: string, status: number) => ({ type: 'about:blank', title: '', status, detail: code, code });

const fetcher = vi.fn<typeof fetch>();
const sentHeaders = () => new Headers(fetcher.mock.lastCall?.[1]?.headers);

beforeEach(() => {
  fetcher.mockReset();
  vi.stubGlobal('fetch', fetcher);
});

afterEach(() => {
  leaveSession();
  vi.unstubAllGlobals();
});

describe('ask', () => {
  test('sends the token, the language and the body', async () => {
    startSession('T');
    fetcher.mockResolvedValue(answer(200, { ok: 1 }));

    await ask('PUT', '/polls/7/ballot', { body: { choices: [3] }, headers: { 'Idempotency-Key': 'K' } });

    expect(sentHeaders().get('Authorization')).toBe('Bearer T');
    expect(sentHeaders().get('Accept-Language')).toBe('ko');
    expect(sentHeaders().get('Idempotency-Key')).toBe('K');
    expect(fetcher.mock.lastCall?.[1]?.body).toBe('{"choices":[3]}');
  });

  test('sends a file as it is, under its own type', async () => {
    fetcher.mockResolvedValue(answer(200, {}));
    const file = new Blob([new Uint8Array([0xc0, 0xcc])], { type: 'text/csv' });

    await ask('POST', '/rooms/lobby/roll', { body: file });

    expect(sentHeaders().get('Content-Type')).toBe('text/csv');
    expect(fetcher.mock.lastCall?.[1]?.body).toBe(file);
  });

  test('gives the tag that a change has to match', async () => {
    fetcher.mockResolvedValue(answer(200, { id: 7 }, { ETag: '"e"' }));

    await expect(askTagged('GET', '/polls/7')).resolves.toEqual({ document: { id: 7 }, etag: '"e"' });
  });

  test('notes the room and whether there was a token, to ask the same again', async () => {
    vi.stubGlobal('location', { pathname: '/r/K7M2QX' });
    fetcher.mockImplementation(() => Promise.resolve(answer(200, {})));

    await ask('GET', '/polls/7/ballot', { token: 'T' });
    await ask('GET', '/rooms/K7M2QX', { token: null });

    expect(sentHeaders().get('Room-Code')).toBeNull();
    expect(getSteps()[1]).toMatchObject({ room: 'K7M2QX', signedIn: true });
    expect(getSteps()[0]).toMatchObject({ room: null, signedIn: false });
  });

  test('asks with the token it is given, whoever is signed in by now', async () => {
    startSession('T2');
    fetcher.mockResolvedValue(answer(200, {}));

    await ask('PUT', '/polls/7/ballot', { token: 'T1' });

    expect(sentHeaders().get('Authorization')).toBe('Bearer T1');
  });

  test('gives null for an answer without a body', async () => {
    fetcher.mockResolvedValue(answer(204, null));

    await expect(ask('POST', '/auth/logout')).resolves.toBeNull();
  });

  test('throws the problem and its Retry-After', async () => {
    fetcher.mockResolvedValue(answer(429, problem('rate_limited', 429), { 'Retry-After': '7' }));

    const fault = await ask('GET', '/').catch((caught: unknown) => caught);

    expect(fault).toBeInstanceOf(Refusal);
    expect(fault).toMatchObject({ problem: { code: 'rate_limited' }, retryAfterSeconds: 7 });
  });

  test('reads a refusal by its status when a proxy answered in HTML', async () => {
    fetcher.mockResolvedValue(new Response('<h1>Bad gateway</h1>', { status: 502 }));

    await expect(ask('GET', '/')).rejects.toMatchObject({ problem: { code: 'unavailable', status: 502 } });
  });

  test('says that no answer came when the network fails', async () => {
    fetcher.mockRejectedValue(new TypeError('Failed to fetch'));

    await expect(ask('GET', '/')).rejects.toBeInstanceOf(NoAnswer);
  });

  test('says that no answer came when it was cut off', async () => {
    fetcher.mockResolvedValue(new Response('{"recei', { status: 201 }));

    await expect(ask('PUT', '/polls/7/ballot')).rejects.toBeInstanceOf(NoAnswer);
  });

  test('ends the session whose token the server refused', async () => {
    startSession('T');
    fetcher.mockResolvedValue(answer(401, problem('token_expired', 401)));

    await ask('GET', '/auth/me').catch(() => undefined);

    expect(getSession()).toMatchObject({ token: null, ended: 'token_expired' });
  });

  test('keeps the session when a password was wrong', async () => {
    startSession('T');
    fetcher.mockResolvedValue(answer(401, problem('bad_credentials', 401)));

    await ask('POST', '/auth/login').catch(() => undefined);

    expect(getSession().token).toBe('T');
  });
});
