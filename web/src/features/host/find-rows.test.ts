import { expect, test } from 'vitest';

import { findRows, firstConsonants } from './find-rows';

const rows = [
  { name: '김하늘', ref: '2026-001', email: null },
  { name: 'Ada Park', ref: null, email: 'ada@example.org' },
  { name: '강현님', ref: '2026-002', email: null },
];

test.each([
  ['하늘', ['김하늘']],
  ['ㄱㅎㄴ', ['김하늘', '강현님']],
  ['ㅎㄴ', ['김하늘', '강현님']],
  ['2026-002', ['강현님']],
  ['２０２６', ['김하늘', '강현님']],
  ['adapark', ['Ada Park']],
  ['ADA@', ['Ada Park']],
  [' ', ['김하늘', 'Ada Park', '강현님']],
  ['nobody', []],
])('finds by "%s"', (sought, names) => {
  expect(findRows(rows, sought).map((row) => row.name)).toEqual(names);
});

test('firstConsonants leaves what is no Hangul', () => {
  expect(firstConsonants('김B 늘')).toBe('ㄱB ㄴ');
});
