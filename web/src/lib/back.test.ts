import { describe, expect, test } from 'vitest';

import { readBack } from './back';

describe('readBack', () => {
  test('reads where to go and with which state', () => {
    expect(readBack({ back: { to: '/r/lobby', state: { draft: 1 } } })).toEqual({
      to: '/r/lobby',
      state: { draft: 1 },
    });
  });

  test.each([null, undefined, 'x', {}, { back: null }, { back: { to: 7 } }])('leads to the start from %j', (state) => {
    expect(readBack(state)).toEqual({ to: '/', state: null });
  });
});
