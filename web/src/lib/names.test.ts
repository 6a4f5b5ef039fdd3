import { expect, test } from 'vitest';

import { nameApart, numberNamesakes } from './names';

test('numbers those alone who share a name', () => {
  const people = [
    { id: 'u12', name: '김하늘' },
    { id: 'r7', name: '김하늘' },
    { id: 'u3', name: 'Ada' },
    { id: 'g4', name: 'ADA' },
    { id: 'u5', name: 'Noah' },
    { id: 'u5', name: 'Noah' },
  ];

  expect(Object.fromEntries(numberNamesakes(people))).toEqual({ u12: '12', r7: '7', u3: '3', g4: '4' });
});

test('tells an account and a guest of one number apart', () => {
  const people = ['u4', 'g4'].map((id) => ({ id, name: 'Ada' }));

  expect([...numberNamesakes(people).values()]).toEqual(['u4', 'g4']);
});

test('writes a name that names one person, by the ref where there is one', () => {
  const rows = [
    { id: 7, name: 'Ada', ref: '2026-1' },
    { id: 8, name: 'ada', ref: null },
    { id: 9, name: 'Noah', ref: '2026-3' },
  ];

  expect(Object.fromEntries(nameApart(rows))).toEqual({ 7: 'Ada (2026-1)', 8: 'ada (8)', 9: 'Noah' });
});
