import { expect, test } from 'vitest';

import type { Poll } from '../../lib/contract';
import { exampleMarks, toCurl, toEntry } from './snippets';

const origin = 'http://127.0.0.1:5000';
const poll = (over: Partial<Poll>) =>
  ({ candidates: [{ id: 4 }, { id: 5 }, { id: 6 }], score_max: 5, ...over }) as Poll;

test('a request becomes curl with the shell’s token and the key', () => {
  const request = { method: 'PUT', path: '/polls/7/ballot', body: { choices: [4] }, key: 'K', signedIn: true };

  expect(toCurl(origin, request)).toBe(
    `curl -s -X PUT 'http://127.0.0.1:5000/polls/7/ballot' \\
  -H "Authorization: Bearer $TOKEN" \\
  -H 'Idempotency-Key: K' \\
  -H 'Content-Type: application/json' \\
  -d '{"choices":[4]}'`,
  );
});

test('a quote in a name does not end the shell’s', () => {
  expect(toCurl(origin, { method: 'POST', path: '/x', body: { name: "O'Neil" } })).toContain(`O'\\''Neil`);
});

test.each([
  ['plurality', { choices: [4] }],
  ['approval', { choices: [4, 5] }],
  ['score', { scores: { '4': 5, '5': 1 } }],
  ['ranked', { choices: [4, 5] }],
] as const)('an example marks as %s does', (method, marks) => {
  expect(exampleMarks(poll({ method }))).toEqual(marks);
});

test('one comes in as the poll asks', () => {
  expect(toEntry(origin, 'K7M2QX', poll({ eligibility: 'anyone' }))).toContain('/rooms/K7M2QX/guests');
  expect(toEntry(origin, 'K7M2QX', poll({ eligibility: 'roll' }))).toContain('/auth/login');
});
