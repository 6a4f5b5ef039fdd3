// A poll as its form has it, and back as the server takes it. Pure; what is wrong with it only the server says.
import type { Poll } from '../../lib/contract';
import { toInstant, toLocal } from '../../lib/zone';
import { readThreshold, writeNumber, writeThreshold, type ThresholdFields } from './threshold';

/** `key` tells the rows of the form apart while they are moved; the server knows nothing of it. */
export type CandidateFields = { key: string; name: string; description: string; picture: string | null };

export type Eligibility = Poll['eligibility'];

type Taken = Pick<Poll, 'title' | 'description' | 'method' | 'eligibility' | 'secrecy' | 'results' | 'allow_change'>;

export type PollFields = Taken & {
  require_presence: boolean;
  /** How ranked ballots are counted; other methods have no use for it. */
  rule: NonNullable<Poll['rule']>;
  seats: string;
  max_choices: string;
  score_max: string;
  candidates: CandidateFields[];
  threshold: ThresholdFields;
  opens_at: string;
  closes_at: string;
};

export type FieldsProps = {
  fields: PollFields;
  onFields: (fields: PollFields) => void;
  /** What the server says is wrong, by member. */
  faults: Record<string, string>;
};

let made = 0;

export function newCandidate(name = '', description = ''): CandidateFields {
  return { key: `c${made++}`, name, description, picture: null };
}

/** Who usually votes in a room: its roll where it has one, else accounts; in a guest host's room everybody. */
export function usualVoters(hasRoll: boolean, hasGuestHost: boolean): Eligibility {
  if (hasRoll) return 'roll';
  return hasGuestHost ? 'anyone' : 'accounts';
}

/** A new poll's form: those vote who usually do in the room, and results of a secret poll only at its end. */
export function startFields(usual: Eligibility): PollFields {
  return {
    title: '',
    description: '',
    method: 'plurality',
    rule: 'irv',
    seats: '1',
    max_choices: '',
    score_max: '5',
    candidates: [newCandidate(), newCandidate()],
    eligibility: usual,
    require_presence: false,
    secrecy: 'secret',
    results: 'closed',
    allow_change: true,
    threshold: readThreshold(null),
    opens_at: '',
    closes_at: '',
  };
}

export function readFields(poll: Poll, zone: string): PollFields {
  const { title, description, method, eligibility, require_presence, secrecy, results, allow_change } = poll;
  return {
    ...{ title, description, method, eligibility, require_presence, secrecy, results, allow_change },
    rule: poll.rule ?? 'irv',
    seats: String(poll.seats),
    max_choices: poll.max_choices === null ? '' : String(poll.max_choices),
    score_max: String(poll.score_max),
    // A motion's are the server's: a poll that was one begins with empty rows.
    candidates:
      poll.method === 'motion'
        ? [newCandidate(), newCandidate()]
        : poll.candidates.map((candidate) => ({ key: `p${candidate.id}`, ...strip(candidate) })),
    threshold: readThreshold(poll.threshold),
    opens_at: poll.opens_at === null ? '' : toLocal(poll.opens_at, zone),
    closes_at: poll.closes_at === null ? '' : toLocal(poll.closes_at, zone),
  };
}

const strip = ({ name, description, picture }: Omit<CandidateFields, 'key'>) => ({ name, description, picture });

/** What of the form to send: all of it, or only `members`. A time that the zone's clock never shows is told in `faults`. */
export function writeFields(
  fields: PollFields,
  zone: string,
  members: readonly (keyof PollFields)[] = Object.keys(fields) as (keyof PollFields)[],
): { body: Record<string, unknown>; skipped: ('opens_at' | 'closes_at')[] } {
  const moment = (local: string) => (local === '' ? null : toInstant(local, zone));
  const whole: Record<keyof PollFields, unknown> = {
    ...fields,
    // What the method has no use for goes as its default: a method chosen and left again leaves nothing behind.
    rule: fields.method === 'ranked' ? fields.rule : null,
    seats: hasSeats(fields.method) ? writeNumber(fields.seats) : 1,
    max_choices: hasMaximum(fields.method) && fields.max_choices.trim() !== '' ? writeNumber(fields.max_choices) : null,
    score_max: fields.method === 'score' ? writeNumber(fields.score_max) : 5,
    candidates: fields.candidates.map(strip),
    threshold: writeThreshold(fields.threshold),
    opens_at: moment(fields.opens_at),
    closes_at: moment(fields.closes_at),
  };
  const skipped = (['opens_at', 'closes_at'] as const).filter((time) => fields[time] !== '' && whole[time] === null);
  const withMethod = ['rule', 'seats', 'max_choices', 'score_max'] as const;
  // The server has none of these yet: so it is, too, where the poll was a motion.
  const areNew = fields.candidates.every(({ key }) => key.startsWith('c'));
  const following = [...withMethod, ...(areNew ? (['candidates'] as const) : [])];
  const wanted = members.includes('method') ? [...new Set([...members, ...following])] : members;
  // A motion's candidates are made by the server.
  const sent = fields.method === 'motion' ? wanted.filter((member) => member !== 'candidates') : wanted;
  return { body: Object.fromEntries(sent.map((member) => [member, whole[member]])), skipped };
}

/** Whether a poll of that method can fill several seats. */
export function hasSeats(method: Poll['method']): boolean {
  return method !== 'ranked' && method !== 'motion';
}

/** Whether a ballot of that method can mark several candidates. */
export function hasMaximum(method: Poll['method']): boolean {
  return method !== 'plurality' && method !== 'motion';
}

/** Method chosen: a motion always has a threshold, a majority where none was set. */
export function chooseMethod(fields: PollFields, method: Poll['method']): PollFields {
  const { threshold } = fields;
  if (method !== 'motion' || threshold.kind !== 'none') return { ...fields, method };
  return { ...fields, method, threshold: { ...threshold, kind: 'majority', of: 'valid' } };
}

/** Names from a pasted list, one a line, into the rows that are still empty and then below. */
export function pasteCandidates(rows: CandidateFields[], pasted: string): CandidateFields[] {
  const names = pasted
    .split(/\r?\n/)
    .map((line) => line.replace(/^\s*(?:[-*•]|\d{1,3}[.)])\s+/, '').trim())
    .filter((line) => line !== '');
  const kept = rows.filter((row) => row.name.trim() !== '');
  return [...kept, ...names.map((name) => newCandidate(name))];
}

export function moveCandidate(rows: CandidateFields[], from: number, to: number): CandidateFields[] {
  const moved = rows[from];
  if (moved === undefined || to < 0 || to >= rows.length) return rows;
  const rest = rows.filter((_, position) => position !== from);
  return [...rest.slice(0, to), moved, ...rest.slice(to)];
}

/** Secrecy chosen: results follow, as long as nobody chose them for themselves. */
export function chooseSecrecy(fields: PollFields, secrecy: Poll['secrecy'], resultsChosen: boolean): PollFields {
  if (resultsChosen) return { ...fields, secrecy };
  return { ...fields, secrecy, results: secrecy === 'secret' ? 'closed' : 'live' };
}
