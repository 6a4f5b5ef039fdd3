import { expect, test } from 'vitest';

import type { Room } from '../../lib/contract';
import { readRoomFields, readSites, startRoom, writeRoomFields } from './room-fields';

const room = (quorum: Room['quorum']): Room => ({
  ...{ code: 'K7M2QX', name: 'Club', visibility: 'members', current_poll: null, meeting: null, expires_at: null, mute_minutes: 10, guests: false },
  ...{ quorum, quorum_rule: 'require', trust_email: true, hold_minutes: 45, timezone: 'Europe/Berlin' },
  embed_origins: ['https://club.example', 'http://club.example:8080'],
  ...{ colour: '#7a1fa2', logo: '0123456789abcdef0123456789abcdef' },
});

test.each([
  null,
  { count: 12, rule: 'at_least' },
  { num: 2, den: 3, rule: 'more_than' },
] as const)('a form gives back the settings that it was read from (%j)', (quorum) => {
  const { code, current_poll, meeting, expires_at, ...settings } = room(quorum);

  expect(writeRoomFields(readRoomFields(room(quorum)))).toEqual(settings);
  expect([code, current_poll, meeting, expires_at]).toEqual(['K7M2QX', null, null, null]);
});

test('sends only the members that were changed', () => {
  expect(writeRoomFields({ ...startRoom('Asia/Seoul'), name: 'New' }, ['name'])).toEqual({ name: 'New' });
});

test('a quorum that is no number goes as it was typed, for the server to name', () => {
  const fields = { ...startRoom('Asia/Seoul'), quorum: { kind: 'count', rule: 'at_least', count: 'half', num: '', den: '' } as const };

  expect(writeRoomFields(fields, ['quorum'])).toEqual({ quorum: { count: 'half', rule: 'at_least' } });
});

test('a site is taken as it is copied from an address bar', () => {
  const typed = ' https://Club.example/news?id=7#top \n\nclub.example\nhttp://localhost:8000\nhttps://*.club.example';

  expect(readSites(typed)).toEqual(['https://club.example', 'https://club.example', 'http://localhost:8000', 'https://*.club.example']);
});
