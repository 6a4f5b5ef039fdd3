// What a host asks of the server: rooms, their rolls, their polls.
import { ask, askTagged } from '../../lib/api';
import type { Attended, Barred, Person, Recount, RemovedMember, Results, Room, Row } from '../../lib/contract';
import { everyPage } from '../../lib/every-page';

const at = (code: string) => `/rooms/${code}` as const;

// Rooms

export const makeRoom = (fields: object) => ask('POST', '/rooms', { body: fields }) as Promise<Room>;
export const readRoom = (code: string) => askTagged('GET', at(code));
export const changeRoom = (code: string, fields: object, etag?: string) =>
  askTagged('PATCH', at(code), { body: fields, ...(etag !== undefined && { headers: { 'If-Match': etag } }) });
export const deleteRoom = (code: string) => ask('DELETE', at(code));
export const makeScreenToken = (code: string) =>
  ask('POST', `${at(code)}/screen-token`);
export const endScreens = (code: string) => ask('DELETE', `${at(code)}/screen-token`);
/** The key of the link by which guests join a room for members; null without one. */
export const fetchGuestLink = (code: string) => ask('GET', `${at(code)}/guest-link`);
export const makeGuestLink = (code: string) => ask('POST', `${at(code)}/guest-link`);
export const endGuestLink = (code: string) => ask('DELETE', `${at(code)}/guest-link`);
export const fetchPeople = (code: string) => everyPage<Person>(`${at(code)}/presence`, 'people');
export const fetchAttendance = (code: string) => everyPage<Attended>(`${at(code)}/attendance`);
/** Who was in the room at any meeting, or online between meetings; somebody may stand in it several times. */
export const fetchVisits = (code: string) => everyPage<Attended>(`${at(code)}/attendance?meeting=any`);

/** Accounts and guests that may not vote in the room; `person` is `u12` or `g5`. */
export const fetchBarred = (code: string) => everyPage<Barred>(`${at(code)}/barred`);
export const fetchNewcomers = async (pollId: number) => (await ask('GET', `/polls/${pollId}/newcomers`)).items;
export const barPerson = (code: string, person: string) => ask('PUT', `${at(code)}/barred/${person}`);
export const endBar = (code: string, person: string) => ask('DELETE', `${at(code)}/barred/${person}`);

// The roll

export const fetchRoll = (code: string) => everyPage<Row>(`${at(code)}/roll`);

type Sending = { replacing: boolean; dryRun: boolean; asked: Record<string, string> };

/** Sends a roll's file as it is; `asked` says how to read it, where the file doesn't tell. */
export function sendRoll(code: string, file: Blob, { replacing, dryRun, asked }: Sending) {
  const query = new URLSearchParams({ ...(dryRun && { dry_run: '1' }), ...asked }).toString();
  return ask(replacing ? 'PUT' : 'POST', `${at(code)}/roll?${query}`, {
    body: file.type === 'text/csv' ? file : new Blob([file], { type: 'text/csv' }),
    timeoutSeconds: 60,
  });
}

export const addRow = (code: string, fields: object) => ask('POST', `${at(code)}/roll`, { body: [fields] });
export const changeRow = (code: string, rowId: number, fields: object) =>
  ask('PATCH', `${at(code)}/roll/${rowId}`, { body: fields });
export const removeRow = (code: string, rowId: number) => ask('DELETE', `${at(code)}/roll/${rowId}`);
export const fetchRemoved = (code: string) => everyPage<RemovedMember>(`${at(code)}/roll/removed`);
export const restoreRow = (code: string, rowId: number) => ask('POST', `${at(code)}/roll/${rowId}/restore`);
export const makeCodes = (code: string, ids: number[]) =>
  ask('POST', `${at(code)}/roll/codes`, { body: { ids }, timeoutSeconds: 60 });

/** Uploads a picture of a candidate, or the room's logo, which is left whole; gives the key by which it is named. */
export const uploadPicture = (code: string, picture: Blob, whole: boolean) =>
  ask('POST', `${at(code)}/pictures${whole ? '?whole=1' : ''}`, { body: picture, timeoutSeconds: 60 });

// Polls

export const makePoll = (code: string, fields: object) => ask('POST', `${at(code)}/polls`, { body: fields });
export const readPoll = (pollId: number) => askTagged('GET', `/polls/${pollId}`);
export const changePoll = (pollId: number, fields: object, etag?: string) =>
  askTagged('PATCH', `/polls/${pollId}`, {
    body: fields,
    ...(etag !== undefined && { headers: { 'If-Match': etag } }),
  });
/** Null moves it to the end. */
export const moveDraftBefore = (pollId: number, before: number | null) =>
  ask('POST', `/polls/${pollId}/move`, { body: { before } });
export const deletePoll = (pollId: number) => ask('DELETE', `/polls/${pollId}`);
/** A close is answered once all ballots are counted. */
const closeSeconds = 600;

export const movePoll = (pollId: number, step: 'open' | 'pause' | 'close' | 'publish') =>
  ask('POST', `/polls/${pollId}/${step}`, step === 'close' ? { timeoutSeconds: closeSeconds } : {});
export const voidPoll = (pollId: number, reason: string) =>
  ask('POST', `/polls/${pollId}/void`, { body: { reason } });
export const fetchElectorate = (pollId: number) => ask('GET', `/polls/${pollId}/electorate`);
export const admitRow = (pollId: number, row: number) =>
  ask('POST', `/polls/${pollId}/electorate`, { body: { row } });
export const fetchTurnout = (pollId: number) => ask('GET', `/polls/${pollId}/turnout`);
/** Without `?rule=` the answer is the results document. */
export const fetchResults = (pollId: number) => ask('GET', `/polls/${pollId}/results`) as Promise<Results>;
/** The same ballots counted by a rule; it decides nothing. */
export const fetchRecount = (pollId: number, rule: 'irv' | 'schulze') =>
  ask('GET', `/polls/${pollId}/results?rule=${rule}`) as Promise<Recount>;
export const fetchRecord = (pollId: number) => ask('GET', `/polls/${pollId}/record`);
