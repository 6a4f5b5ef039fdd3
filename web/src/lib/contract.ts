// The contract's types: what the server says over HTTP, and both directions of the socket.

export type ProblemCode =
  | 'invalid_request'
  | 'unauthenticated'
  | 'bad_credentials'
  | 'token_invalid'
  | 'token_expired'
  | 'forbidden'
  | 'not_eligible'
  | 'not_present'
  | 'results_hidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'email_taken'
  | 'nickname_taken'
  | 'already_voted'
  | 'poll_not_open'
  | 'poll_frozen'
  | 'wrong_state'
  | 'stale'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'idempotency_mismatch'
  | 'rate_limited'
  | 'internal'
  | 'unavailable'
  | 'storage_full';

export type FieldError = { field: string; code: string; detail: string };

/** RFC 9457; `detail` comes already in the reader's language. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ProblemCode;
  errors?: FieldError[];
};

export type User = { id: number; email: string; name: string };
export type SignIn = { token: string; expires_at: string; user: User };

export type Row = { id: number; name: string; role: 'host' | 'voter' | 'observer' };
export type Guest = { id: number; nickname: string };
/** A way into one room for somebody without an account there: a guest, or a row claimed on a lent device. */
export type GuestEntry = { token: string; expires_at: string; guest: Guest };
export type Claim = { row: Row; token?: string; expires_at?: string };

/** A visitor has an account, but no row in a room that has a roll. */
export type Role = 'host' | 'voter' | 'observer' | 'guest' | 'visitor' | 'stranger' | null;
export type Method = 'plurality' | 'approval' | 'score' | 'ranked';
export type PollState = 'draft' | 'open' | 'paused' | 'closed' | 'void';

export type Quorum = { required: number | null; present: number | null; met: boolean | null };

/** How many must be present: a number of people, or a share of those who may vote. */
export type QuorumRule = { count: number } | { num: number; den: number };

export type Room = {
  code: string;
  name: string;
  visibility: 'public' | 'members';
  current_poll: number | null;
  quorum: QuorumRule | null;
  trust_email: boolean;
  hold_minutes: number;
  timezone: string;
};

export type Candidate = { id: number; name: string; description: string };

export type Threshold = {
  num: number;
  den: number;
  of: 'valid' | 'cast' | 'present' | 'eligible';
  rule: 'more_than' | 'at_least';
};

export type Poll = {
  id: number;
  room: string;
  title: string;
  description: string;
  follows: number | null;
  method: Method;
  seats: number;
  max_choices: number | null;
  score_max: number;
  candidates: Candidate[];
  eligibility: 'roll' | 'accounts' | 'anyone';
  require_presence: boolean;
  secrecy: 'named' | 'secret';
  results: 'live' | 'closed' | 'host';
  published: boolean;
  allow_change: boolean;
  threshold: Threshold | null;
  opens_at: string | null;
  closes_at: string | null;
  state: PollState;
  reason: string | null;
  opened_at: string | null;
  closed_at: string | null;
  quorum: PollQuorum;
};

/** What was asked and counted at the open and at the close. */
export type PollQuorum = {
  required: number | null;
  present_at_open: number | null;
  present_at_close: number | null;
  met: boolean | null;
};

export type Tally = {
  candidate: number;
  name: string;
  votes: number;
  share: number | null;
  passed: boolean | null;
};

/** A round of an instant run-off: `votes` by candidate id, `tied` those level for leaving or, at the end, for winning. */
export type Round = { votes: Record<string, number>; exhausted: number; eliminated: number[]; tied: number[] };

export type Results = {
  poll: number;
  state: PollState;
  epoch: number;
  version: number;
  method: Method;
  ballots: number;
  blank: number | null;
  eligible: number | null;
  turnout: number | null;
  tally: Tally[] | null;
  winners: number[] | null;
  tied: number[] | null;
  rounds: Round[] | null;
  threshold: Threshold | null;
  digest: string | null;
  server_time: string;
};

/** What PUT /polls/{id}/ballot answers. */
export type Cast = { receipt: string; poll: number; changed: boolean; server_time: string };

/** What a ballot says; empty is a blank one. */
export type Marks = { choices: number[] } | { scores: Record<string, number> };

/** What GET /polls/{id}/ballot answers: a secret poll tells no marks. */
export type Ballot = { poll: number; choices?: number[]; scores?: Record<string, number>; receipt?: string };

/** The part of a poll's public record that a voter looks into. */
export type PollRecord = { poll: number; ballots: ({ receipt: string } & Marks)[]; digest: string };

export type Standing = { voted: boolean; can_vote: boolean; reason: string | null };
export type You = { person: string | null; role: Role; polls: Record<string, Standing> };

/** Somebody online. `id` tells people of one name apart. */
export type Person = { id: string; name: string; role: Role; status: 'online' | 'away'; since: string };

/** `people` is null where one may not see names, and in a room too large to be told of each. */
export type Presence = {
  seq: number;
  online: number;
  present: number | null;
  quorum: Quorum | null;
  people: Person[] | null;
};

/** Somebody came or went, worded by the page. */
export type SystemNote = { code: 'arrived' | 'left'; name: string; online: number };

export type Message = {
  id: number;
  room: string;
  author: { id: string; name: string } | null;
  text: string;
  sent_at: string;
  system: SystemNote | null;
};

export type Snapshot = {
  server_time: string;
  you: You;
  room: Room;
  presence: Presence;
  polls: Poll[];
  results: Record<string, Results>;
  messages: Message[];
};

/** `joins` are people who came or changed; it and `leaves` are null where names are not told. */
export type PresenceDiff = Omit<Presence, 'people'> & { room: string; joins: Person[] | null; leaves: string[] | null };

export type Sample = { n: number; of: number; sent_at: string };
export type ConnectionReport = { rtt_ms: { min: number; median: number; max: number } };

/** Every client event is acked with what it asked for, or with the problem. */
export type Ack<T> = ({ ok: true } & T) | { ok: false; error: Problem };

export type ClientEvents = {
  'room:join': (body: { room: string; as?: 'screen' }, ack: (answer: Ack<Snapshot>) => void) => void;
  'room:leave': (body: { room: string }) => void;
  'presence:set': (
    body: { room: string; status: 'online' | 'away' | 'left' },
    ack: (answer: Ack<unknown>) => void,
  ) => void;
  'chat:send': (body: { room: string; text: string }, ack: (answer: Ack<{ id: number }>) => void) => void;
  'connection:check': (body: Record<string, never>, ack: (answer: Ack<unknown>) => void) => void;
};

export type ServerEvents = {
  'tally:update': (results: Results) => void;
  'presence:diff': (diff: PresenceDiff) => void;
  'poll:created': (poll: Poll) => void;
  'poll:changed': (poll: Poll) => void;
  'poll:deleted': (poll: { id: number; room: string }) => void;
  'room:changed': (room: Room) => void;
  'room:deleted': (room: { code: string }) => void;
  'you:changed': (you: You & { room: string }) => void;
  'chat:message': (message: Message) => void;
  'connection:sample': (sample: Sample, ack: (answer: Record<string, never>) => void) => void;
  'connection:report': (report: ConnectionReport) => void;
  'session:ended': (body: { code: string }) => void;
};
