import { expect, test } from 'vitest';

import type { Person } from './contract';
import { sortPeople } from './sort-people';

const person = (id: string, name: string, role: Person['role'] = 'voter') => ({ id, name, role }) as Person;

test('puts hosts first, then goes by name and number', () => {
  const people = [person('u12', '나래'), person('u2', '가람'), person('u1', '나래'), person('u9', '하늘', 'host')];

  expect(sortPeople(people, 'ko').map(({ id }) => id)).toEqual(['u9', 'u2', 'u1', 'u12']);
});
