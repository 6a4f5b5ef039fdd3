import { expect, test } from 'vitest';

import type { Poll } from '../../lib/contract';
import { tellChange } from './poll-news';

const poll = { id: 7, title: 'Chair' } as Poll;
const values = { title: 'Chair' };
const keys = (...told: Parameters<typeof tellChange>) => tellChange(...told).map(({ key }) => key);

test('tells of an opening, also of a poll never seen before', () => {
  expect(tellChange(poll, undefined, 'open')).toEqual([{ key: 'room.opened', values }]);
  expect(keys(poll, 'draft', 'open')).toEqual(['room.opened']);
});

test('tells a pause from an end', () => {
  expect(keys(poll, 'open', 'paused')).toEqual(['room.pausedNow']);
  expect(keys(poll, 'paused', 'open')).toEqual(['room.resumed']);
  expect(keys(poll, 'open', 'void')).toEqual(['room.voided']);
});

test('tells that voting has closed', () => {
  expect(tellChange(poll, 'open', 'closed')).toEqual([{ key: 'room.closedNow', values }]);
  expect(keys(poll, 'open', 'counting')).toEqual(['room.countingNow']);
  expect(keys(poll, 'counting', 'closed')).toEqual(['room.closedNow']);
  expect(keys(poll, undefined, 'counting')).toEqual([]);
});

test('says nothing of moving bars, or of what was over before', () => {
  expect(keys(poll, 'open', 'open')).toEqual([]);
  expect(keys(poll, undefined, 'closed')).toEqual([]);
});
