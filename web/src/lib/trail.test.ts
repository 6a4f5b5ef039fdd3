import { beforeEach, expect, test } from 'vitest';

import { forgetSteps, getSteps, noteStep } from './trail';

const step = { method: 'PUT', path: '/polls/7/ballot', body: { choices: [3] }, key: 'K', room: 'K7M2QX', signedIn: true, status: 201 };

beforeEach(forgetSteps);

test('keeps the last requests, newest first', () => {
  for (let status = 201; status < 220; status++) noteStep({ ...step, status });

  expect(getSteps()).toHaveLength(12);
  expect(getSteps()[0]).toMatchObject({ ...step, status: 219 });
});

test('holds no secret', () => {
  noteStep({ ...step, body: { email: 'ada@example.org', password: 'correct-horse' } });
  noteStep({ ...step, body: { code: 'K7M2QXABCD' } });
  noteStep({ ...step, body: { nickname: 'Ada', key: 'guests-key' } });
  noteStep({ ...step, body: { token: 'hosts-token' } });

  expect(JSON.stringify(getSteps())).not.toMatch(/correct-horse|K7M2QXABCD|guests-key|hosts-token/);
  expect(getSteps()[3]?.body).toEqual({ email: 'ada@example.org', password: '…' });
});

test('keeps a list a list', () => {
  noteStep({ ...step, body: [{ name: 'Ada' }] });

  expect(getSteps()[0]?.body).toEqual([{ name: 'Ada' }]);
});
