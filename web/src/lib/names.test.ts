import { expect, test } from 'vitest';

import { numberNamesakes } from './names';

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
