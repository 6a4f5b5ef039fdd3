import { expect, test } from 'vitest';

import { meetingTitle } from './meeting-titles';

test('writes a date in the reader’s language', () => {
  expect(meetingTitle({ title: '2026-11-26' }, 'ko')).toBe('2026년 11월 26일');
  expect(meetingTitle({ title: '2026-11-26' }, 'en')).toBe('November 26, 2026');
});

test('leaves a title as it was given', () => {
  expect(meetingTitle({ title: '정기 총회' }, 'en')).toBe('정기 총회');
  expect(meetingTitle({ title: '2026-13-45' }, 'en')).toBe('2026-13-45');
});
