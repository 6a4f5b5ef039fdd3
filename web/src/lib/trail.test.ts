import { beforeEach, expect, test } from 'vitest';

import { forgetSteps, getSteps, noteStep } from './trail';

const step = { method: 'PUT', path: '/polls/7/ballot', body: { choices: [3] }, key: 'K', status: 201 };

beforeEach(forgetSteps);

test('keeps the last requests, newest first', () => {
  for (let status = 201; status < 220; status++) noteStep({ ...step, status });

  expect(getSteps()).toHaveLength(12);
  expect(getSteps()[0]).toMatchObject({ ...step, status: 219 });
});

test('holds no secret', () => {
  noteStep({ ...step, body: { email: 'ada@example.org', password: 'correct-horse' } });
  noteStep({ ...step, body: { code: 'K7M2QXABCD' } });

  expect(JSON.stringify(getSteps())).not.toMatch(/correct-horse|K7M2QXABCD/);
  expect(getSteps()[1]?.body).toEqual({ email: 'ada@example.org', password: '…' });
});
