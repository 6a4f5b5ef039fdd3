import { expect, test } from 'vitest';

import type { Poll } from '../../lib/contract';
import { leaveSession } from '../../lib/session';
import { keep } from '../../lib/storage';
import { keepAttempt, keepDraft, keepReceipt, recallAttempt, recallDraft, recallReceipt } from './keeping';

const poll = { id: 7, method: 'plurality', candidates: [{ id: 1 }, { id: 2 }] } as Poll;
const other = { ...poll, id: 8 };
const marks = { choices: [2] };

test('marks come back after a reload, in their own poll', () => {
  keepDraft(poll, marks);

  expect(recallDraft(poll)).toEqual(marks);
  expect(recallDraft(other)).toBeNull();
});

test('marks that were taken back do not come back', () => {
  keepDraft(poll, marks);
  keepDraft(poll, { choices: [] });

  expect(recallDraft(poll)).toBeNull();
});

test('a ballot on its way is sent again for nobody but its voter', () => {
  keepAttempt(poll, { key: 'K', marks, token: 'T' });

  expect(recallAttempt(poll, 'T')).toEqual({ key: 'K', marks, token: 'T' });
  expect(recallAttempt(poll, 'T2')).toBeNull();
  expect(recallAttempt(poll, null)).toBeNull();
});

test('a receipt is shown to nobody but its voter', () => {
  keepReceipt(poll, 'u1', 'r');

  expect(recallReceipt(poll, 'u1')).toBe('r');
  expect(recallReceipt(poll, 'u2')).toBeNull();
  expect(recallReceipt(poll, null)).toBeNull();
});

test('nothing of it stays when one signs out', () => {
  keepDraft(poll, marks);
  keepReceipt(poll, 'u1', 'r');

  leaveSession();

  expect(recallDraft(poll)).toBeNull();
  expect(recallReceipt(poll, 'u1')).toBeNull();
});

test('the receipts of several people at one device stay apart, and the newest takes the place of an older', () => {
  keepReceipt(poll, 'u1', 'r1');
  keepReceipt(poll, 'u2', 'r2');
  keepReceipt(poll, 'u1', 'r3');

  expect(recallReceipt(poll, 'u1')).toBe('r3');
  expect(recallReceipt(poll, 'u2')).toBe('r2');
});

test('no more than a hundred receipts are kept, the newest', () => {
  for (let id = 1; id <= 150; id++) keepReceipt({ ...poll, id }, 'u1', `r${id}`);

  expect(recallReceipt({ ...poll, id: 50 }, 'u1')).toBeNull();
  expect(recallReceipt({ ...poll, id: 51 }, 'u1')).toBe('r51');
  expect(recallReceipt({ ...poll, id: 150 }, 'u1')).toBe('r150');
});

test.each(['null', '{}', '[{"poll":"7"},null,3]', 'no json'])('what is no list of receipts is as good as none: %s', (kept) => {
  keep('rollcall.ballot.receipts', kept);

  expect(recallReceipt(poll, 'u1')).toBeNull();
});
