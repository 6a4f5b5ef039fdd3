import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { endSession, getSession, leaveSession, startSession, takeScreenToken, takeSeat, takeSignedInAccount } from './session';

const at = (pathname: string) => vi.stubGlobal('location', { pathname });
const seat = { token: 'G', name: 'Ada' };

beforeEach(() => {
  at('/r/K7M2QX');
  startSession('A');
  takeSeat('K7M2QX', seat);
});

afterEach(() => {
  leaveSession();
  leaveSession();
  vi.unstubAllGlobals();
});

test('speaks in a room for the seat that one has there', () => {
  expect(getSession()).toEqual({ token: 'G', seat, ended: null });
});

test.each(['/', '/r/lobby', '/r/lobby/screen'])('speaks for the account at %s', (pathname) => {
  at(pathname);

  expect(getSession()).toEqual({ token: 'A', seat: null, ended: null });
});

test('knows the room however its code is written', () => {
  at('/r/k7m-2qx/developer');

  expect(getSession().token).toBe('G');
});

test('is the account again once that takes the place of the seat', () => {
  expect(takeSignedInAccount('K7M2QX')).toBe(true);

  expect(getSession()).toEqual({ token: 'A', seat: null, ended: null });
});

test('stays with the seat where no account is signed in', () => {
  endSession('A');

  expect(takeSignedInAccount('K7M2QX')).toBe(false);
  expect(getSession().token).toBe('G');
});

test('is the account again once the seat is left', () => {
  leaveSession();

  expect(getSession()).toEqual({ token: 'A', seat: null, ended: null });
});

test('gives up the seat for an account that is signed in for the room', () => {
  startSession('B', 'K7M2QX');

  expect(getSession().token).toBe('B');
});

test('says with which code the server ended a seat, and keeps the account', () => {
  endSession('G', 'token_expired');

  expect(getSession()).toEqual({ token: 'A', seat: null, ended: 'token_expired' });
});

test('leaves a newer session alone when an older one is refused late', () => {
  endSession('older');

  expect(getSession().token).toBe('G');
});

test('speaks for a screen with the token that its address brought, there alone and no longer than it holds', () => {
  const replaceState = vi.fn();
  const location = { pathname: '/r/K7M2QX/screen', hash: '#token=S.c-r' };
  vi.stubGlobal('location', location);
  vi.stubGlobal('window', { location, history: { state: null, replaceState } });

  takeScreenToken();

  expect(replaceState).toHaveBeenCalledWith(null, '', '/r/K7M2QX/screen');
  expect(getSession().token).toBe('S.c-r');
  at('/r/K7M2QX');
  expect(getSession().token).toBe('G');
  at('/r/K7M2QX/screen');
  endSession('S.c-r', 'token_expired');
  expect(getSession()).toMatchObject({ token: 'G', ended: 'token_expired' });
});
