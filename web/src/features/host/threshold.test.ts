import { describe, expect, test } from 'vitest';

import type { Threshold } from '../../lib/contract';
import { kindOf, readThreshold, writeThreshold } from './threshold';

const threshold = (over: Partial<Threshold>): Threshold => ({ num: 1, den: 2, of: 'valid', rule: 'more_than', ...over });

describe('kindOf', () => {
  test.each([
    [null, 'none'],
    [threshold({}), 'majority'],
    [threshold({ num: 2, den: 4 }), 'majority'],
    [threshold({ rule: 'at_least' }), 'custom'],
    [threshold({ num: 2, den: 3, rule: 'at_least' }), 'two_thirds'],
    [threshold({ num: 2, den: 3 }), 'custom'],
  ])('knows %j as %s', (given, kind) => {
    expect(kindOf(given)).toBe(kind);
  });
});

test.each([null, threshold({ of: 'eligible' }), threshold({ num: 3, den: 5, of: 'present' })])(
  'a form gives back %j as it was read',
  (given) => {
    expect(writeThreshold(readThreshold(given))).toEqual(given);
  },
);

test('a number that is none is sent as it was typed, for the server to name', () => {
  const typed = { ...readThreshold(threshold({})), kind: 'custom', num: 'half' } as const;

  expect(writeThreshold(typed)).toMatchObject({ num: 'half', den: 2 });
});
