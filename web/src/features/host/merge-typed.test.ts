import { expect, test } from 'vitest';

import { findChanged, mergeTyped } from './merge-typed';

const base = { title: 'Chair', seats: '1', candidates: [{ name: 'Ada' }] };

test('findChanged names what was typed, deep inside too', () => {
  expect(findChanged(base, { ...base, candidates: [{ name: 'Noah' }] })).toEqual(['candidates']);
  expect(findChanged(base, structuredClone(base))).toEqual([]);
});

test('mergeTyped keeps what was typed and takes what the other changed', () => {
  const { merged, clashes } = mergeTyped(base, { ...base, title: 'Mine' }, { ...base, seats: '2' });

  expect(merged).toEqual({ ...base, title: 'Mine', seats: '2' });
  expect(clashes).toEqual([]);
});

test('mergeTyped keeps mine and tells where both changed the same', () => {
  const { merged, clashes } = mergeTyped(base, { ...base, title: 'Mine' }, { ...base, title: 'Theirs' });

  expect(merged.title).toBe('Mine');
  expect(clashes).toEqual(['title']);
});

test('mergeTyped sees no clash where both wrote the same', () => {
  expect(mergeTyped(base, { ...base, title: 'X' }, { ...base, title: 'X' }).clashes).toEqual([]);
});
