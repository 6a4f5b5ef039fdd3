import { afterEach, expect, test, vi } from 'vitest';

import { takeClaim } from './claims';
import { recall } from './storage';

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each([
  ['/r/K7M2QX', '#claim=GYQ0E1PVBN', 'GYQ0E1PVBN'],
  ['/r/K7M2QX', '#claim=GYQ0E1PVBN&from=chat', 'GYQ0E1PVBN'],
  ['/r/lobby', '#claim=short', null],
  ['/r/nowhere', '#claim=GYQ0E1PVBN', null],
  ['/r/nowhere', '#guest=abcdefghijklmnopqrstuv', null],
])('takes a secret out of the address: %s%s', (pathname, hash, claim) => {
  const replaceState = vi.fn();
  vi.stubGlobal('window', { location: { pathname, hash, search: '?lang=en' }, history: { state: null, replaceState } });

  takeClaim();

  expect(replaceState).toHaveBeenCalledWith(null, '', `${pathname}?lang=en`);
  expect(recall(`rollcall.claim.${pathname.slice(3)}`, 'tab')).toBe(claim);
});
