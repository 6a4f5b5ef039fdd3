// What is asked of the server about a room's meetings.
import { queryOptions } from '@tanstack/react-query';

import { ask } from './api';
import type { Meeting } from './contract';
import { everyPage } from './every-page';

const at = (code: string) => `/rooms/${code}/meetings` as const;

export const beginMeeting = (code: string, title: string) =>
  ask('POST', at(code), { body: title === '' ? {} : { title } });
export const nameMeeting = (code: string, meetingId: number, title: string) =>
  ask('PATCH', `${at(code)}/${meetingId}`, { body: { title } });
export const endMeeting = (code: string, meetingId: number) => ask('POST', `${at(code)}/${meetingId}/end`);

/** The room's meetings; asked again when one begins, ends or is named: `changed` tells them apart. */
export const meetingsQuery = (code: string, token: string | null, changed: string) =>
  queryOptions({
    queryKey: ['mine', token, 'meetings', code, changed],
    queryFn: () => everyPage<Meeting>(at(code)),
    gcTime: 0,
  });

export const minutesQuery = (code: string, token: string | null, meetingId: number, changed: string) =>
  queryOptions({
    queryKey: ['mine', token, 'minutes', code, meetingId, changed],
    queryFn: () => ask('GET', `${at(code)}/${meetingId}/minutes`),
    gcTime: 0,
  });
