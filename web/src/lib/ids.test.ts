import { describe, expect, test } from 'vitest';

import { makeUuid } from './ids';

describe('makeUuid', () => {
  test('is a version 4 UUID', () => {
    expect(makeUuid((bytes) => bytes.fill(0xff))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
    expect(makeUuid((bytes) => bytes.fill(0))).toBe('00000000-0000-4000-8000-000000000000');
  });

  test('differs every time', () => {
    expect(makeUuid()).not.toBe(makeUuid());
  });
});
