// What a host asks of the server: rooms, their rolls, their polls.
import { ask, askTagged } from '../../lib/api';
import type { Attended, ClaimCode, Person, Poll, PollRecord, Results, RollChange, Room, Row, Turnout } from '../../lib/contract';

const at = (path: string) => `/rooms/${path}`;

// Rooms

export const makeRoom = (fields: object) => ask<Room>('POST', '/rooms', { body: fields });
export const readRoom = (code: string) => askTagged<Room>('GET', at(code));
export const changeRoom = (code: string, fields: object, etag?: string) =>
  askTagged<Room>('PATCH', at(code), { body: fields, ...(etag !== undefined && { headers: { 'If-Match': etag } }) });
export const deleteRoom = (code: string) => ask<null>('DELETE', at(code));
export const makeScreenToken = (code: string) =>
  ask<{ token: string; expires_at: string }>('POST', `${at(code)}/screen-token`);
export const endScreens = (code: string) => ask<null>('DELETE', `${at(code)}/screen-token`);
export const fetchPeople = (code: string) => everyPage<Person>(`${at(code)}/presence`, 'people');
export const fetchAttendance = (code: string) => everyPage<Attended>(`${at(code)}/attendance`);

// The roll

export const fetchRoll = (code: string) => everyPage<Row>(`${at(code)}/roll`);

/** Sends a roll's file as it is; the server knows the encodings. */
export const sendRoll = (code: string, file: Blob, options: { replacing: boolean; dryRun: boolean }) =>
  ask<RollChange>(options.replacing ? 'PUT' : 'POST', `${at(code)}/roll${options.dryRun ? '?dry_run=1' : ''}`, {
    body: file.type === 'text/csv' ? file : new Blob([file], { type: 'text/csv' }),
    timeoutSeconds: 60,
  });

export const addRow = (code: string, fields: object) => ask<RollChange>('POST', `${at(code)}/roll`, { body: [fields] });
export const changeRow = (code: string, rowId: number, fields: object) =>
  ask<Row>('PATCH', `${at(code)}/roll/${rowId}`, { body: fields });
export const removeRow = (code: string, rowId: number) => ask<null>('DELETE', `${at(code)}/roll/${rowId}`);
export const makeCodes = (code: string, ids: number[]) =>
  ask<{ items: ClaimCode[] }>('POST', `${at(code)}/roll/codes`, { body: { ids }, timeoutSeconds: 60 });

// Polls

export const makePoll = (code: string, fields: object) => ask<Poll>('POST', `${at(code)}/polls`, { body: fields });
export const readPoll = (pollId: number) => askTagged<Poll>('GET', `/polls/${pollId}`);
export const changePoll = (pollId: number, fields: object, etag?: string) =>
  askTagged<Poll>('PATCH', `/polls/${pollId}`, {
    body: fields,
    ...(etag !== undefined && { headers: { 'If-Match': etag } }),
  });
export const deletePoll = (pollId: number) => ask<null>('DELETE', `/polls/${pollId}`);
export const movePoll = (pollId: number, step: 'open' | 'pause' | 'close' | 'publish') =>
  ask<Poll>('POST', `/polls/${pollId}/${step}`);
export const voidPoll = (pollId: number, reason: string) =>
  ask<Poll>('POST', `/polls/${pollId}/void`, { body: { reason } });
export const fetchTurnout = (pollId: number) => ask<Turnout>('GET', `/polls/${pollId}/turnout`);
export const fetchResults = (pollId: number) => ask<Results>('GET', `/polls/${pollId}/results`);
export const fetchRecord = (pollId: number) => ask<PollRecord>('GET', `/polls/${pollId}/record`);

type Part<T> = { items?: T[]; people?: T[] | null; next: number | string | null };

/** A list as a whole, whatever its length. */
async function everyPage<T>(path: string, member: 'items' | 'people' = 'items'): Promise<T[]> {
  const all: T[] = [];
  let cursor: number | string | null = null;
  do {
    const query: string = cursor === null ? '' : `?cursor=${cursor}`;
    const part: Part<T> = await ask<Part<T>>('GET', `${path}${query}`);
    all.push(...(part[member] ?? []));
    cursor = part.next;
  } while (cursor !== null);
  return all;
}
