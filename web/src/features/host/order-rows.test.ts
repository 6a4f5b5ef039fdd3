import { describe, expect, test } from 'vitest';

import type { Row } from '../../lib/contract';
import { ariaSort, everybody, filterRows, sortRows, turnOrder, type By } from './order-rows';

const row = (id: number, name: string, ref: string | null, more: Partial<Row> = {}): Row =>
  ({ id, name, ref, email: null, role: 'voter', columns: {}, claimed: false, checked_in: false, ...more });
const rows = [
  row(1, '하늘', '10'),
  row(2, '가온', null, { checked_in: true }),
  row(3, 'Ada', '9', { role: 'host', checked_in: true }),
  row(4, '나래', '100', { role: 'observer' }),
];
const voted = new Map([[1, true]]);
const ids = (found: Row[]) => found.map(({ id }) => id);
const sorted = (by: By, down = false) => ids(sortRows(rows, { by, down }, voted, 'ko'));

describe('the roll is sorted', () => {
  test('by the letters of the reader’s language, and the other way round', () => {
    expect(sorted('name')).toEqual([2, 4, 1, 3]);
    expect(sorted('name', true)).toEqual([3, 1, 4, 2]);
  });

  test('by numbers as numbers, with those without one last', () => {
    expect(sorted('ref')).toEqual([3, 1, 4, 2]);
    expect(sorted('ref', true)).toEqual([4, 1, 3, 2]);
  });

  test('by role, by who is here, by who has voted', () => {
    expect(sorted('role')).toEqual([3, 1, 2, 4]);
    expect(sorted('checked_in')).toEqual([2, 3, 1, 4]);
    expect(sorted('voted')).toEqual([1, 2, 3, 4]);
  });

  test('or not at all', () => {
    expect(ids(sortRows(rows, null, null, 'ko'))).toEqual([1, 2, 3, 4]);
  });
});

describe('the roll is filtered', () => {
  test.each([
    [{ role: 'voter' as const }, [1, 2]],
    [{ here: 'yes' as const }, [2, 3]],
    [{ here: 'no' as const, role: 'voter' as const }, [1]],
    [{ voted: 'yes' as const }, [1]],
    [{ voted: 'no' as const }, [2, 3, 4]],
  ])('by %j', (wanted, found) => {
    expect(ids(filterRows(rows, { ...everybody, ...wanted }, voted))).toEqual(found);
  });

  test('by no ballot where nobody may know of one', () => {
    expect(filterRows(rows, { ...everybody, voted: 'yes' }, null)).toHaveLength(4);
  });
});

test('a column is sorted up, then down, then no more', () => {
  const up = turnOrder(null, 'name');
  const down = turnOrder(up, 'name');

  expect([up, down].map((order) => ariaSort(order, 'name'))).toEqual(['ascending', 'descending']);
  expect(ariaSort(up, 'ref')).toBe('none');
  expect(turnOrder(down, 'name')).toBeNull();
  expect(turnOrder(down, 'ref')).toEqual({ by: 'ref', down: false });
});
