// The contract's types, by the names that the pages use; they are made of what the server says of itself.
import type { components as live } from './generated/asyncapi';
import type { components } from './generated/openapi';

type Http = components['schemas'];
type Live = live['schemas'];

/** RFC 9457; `detail` comes already in the reader's language. */
export type Problem = Http['Problem'];
export type ProblemCode = Problem['code'];
export type FieldError = Http['FieldFault'];

export type User = Http['User'];
export type SignIn = Http['SignIn'];
export type Row = Http['Row'];
export type RemovedMember = Http['RemovedMember'];
export type RollChange = Http['RollChange'];
export type RollColumn = Http['RollColumn'];
export type RollFileRead = Http['RollFileRead'];
/** Told once, when it is made. */
export type ClaimCode = Http['ClaimCode'];
/** An account or a guest that a host keeps from voting in the room. */
export type Barred = Http['Bar'];
/** Somebody whom a host keeps from writing in the chat. */
export type MutedPerson = Http['MutedPerson'];
export type Newcomer = Http['Newcomer'];
/** How the server is, for administrators. */
export type ServerStatus = Http['Status'];
export type Invitation = Http['Invitation'];
/** Told once, when it is made. */
export type NewInvitation = Http['NewInvitation'];
export type Guest = Http['Guest'];
/** A way into one room for somebody without an account there: a guest, or a row claimed on a lent device. */
export type GuestEntry = Http['GuestSignIn'];
export type Claim = Http['Claim'];
/** What a slip, or a link for guests, shows of its room. */
export type RoomPreview = Http['RoomPreview'];

export type Room = Http['Room'];
export type Quorum = Http['QuorumNow'];

export type Poll = Http['Poll'];
/** A part of a room's polls, with their results and what one may do in them where that was asked for. */
export type PollsPart = Http['PollsPart'];
export type Method = Poll['method'];
export type PollState = Poll['state'];

/** `counting`: no ballot can come any more, and those that came are being counted. */
export type ShownState = PollState | 'counting';
export type Candidate = Http['Candidate'];
/** What a motion's candidate says; null in every other poll. */
export type Answer = NonNullable<Candidate['answer']>;
export type Threshold = Http['Threshold'];
/** What was asked and counted at the open and at the close. */
export type PollQuorum = Http['Quorum'];

export type Results = Http['Results'];
/** The ballots of a closed ranked poll counted by a rule; a comparison where the poll has another. */
export type Recount = Http['Recount'];
export type Verdict = NonNullable<Results['verdict']>;
export type Tally = Http['TallyRow'];
/** A round of an instant run-off: `votes` by candidate id, `tied` those level for leaving or, at the end, for winning. */
export type Round = Http['Round'];

/** What a ballot says; empty is a blank one. */
export type Marks = { choices: number[] } | { scores: Record<string, number> };
/** What PUT /polls/{id}/ballot answers. */
export type Cast = Http['Cast'];
/** What GET /polls/{id}/ballot answers: a secret poll tells no marks. */
export type Ballot = Http['OwnBallot'];
/** Of a poll that was closed before records had proofs, a record of version 1. */
export type PollRecord = Http['Record'] | Http['RecordV1'];
export type Proof = Http['Proof'];
/** `people` is null where who has voted would tell how. */
export type Turnout = Http['Turnout'];

export type You = Live['You'];
/** A visitor has an account, but no row in a room that has a roll. */
export type Role = You['role'];
export type Standing = Live['Chance'];
/** Somebody online. `id` tells people of one name apart. */
export type Person = Live['Person'];
/** `people` is null where one may not see names, and in a room too large to be told of each. */
export type Presence = Live['Presence'];
export type PresenceDiff = Live['PresenceDiff'];
/** Ended where `ended_at` is told; its number counts the room's meetings. */
export type Meeting = Http['Meeting'];
export type MeetingMinutes = Http['Minutes'];
export type Attended = Http['Attended'];
export type Message = Live['ChatMessage'];
/** Somebody came or went, worded by the page. */
export type SystemNote = Live['SystemMessage'];
export type Snapshot = Live['Snapshot'];
/** How long a room's log is, and the hash of its last entry. */
export type Head = Http['Head'];
export type LogEntry = Http['LogEntry'];
export type LogPage = Http['LogPage'];
export type Sample = Live['Sample'];
export type ConnectionReport = Live['Report'];

/** Every client event is acked with what it asked for, or with the problem. */
export type Ack<T> = ({ ok: true } & T) | { ok: false; error: Problem };

/** The events of this app; an old client's dialect has names without a colon. */
type Named<Table> = Extract<keyof Table, `${string}:${string}`>;
export type ClientEvents = {
  [Event in Named<Live['Said']>]: (body: Live['Said'][Event], ack: (answer: Live['Acks'][Event]) => void) => void;
};

type Told = Pick<Live['Told'], Exclude<Named<Live['Told']>, 'connection:sample'>>;
export type ServerEvents = { [Event in keyof Told]: (said: Told[Event]) => void } & {
  'connection:sample': (sample: Sample, ack: (answer: Record<string, never>) => void) => void;
};
