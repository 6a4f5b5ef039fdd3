// Accounts and guests in a poll that isn't the roll's, and what a host should look at twice. Pure.
import type { Attended, Barred, Newcomer, Turnout } from '../../lib/contract';

export type Participant = {
  /** `u12` or `g5`; names of the roll aren't listed, they are changed on the roll. */
  id: string;
  /** Null where an account or guest was barred and then deleted. */
  name: string | null;
  isBarred: boolean;
  /** Null where the poll doesn't tell who has voted. */
  voted: boolean | null;
  /** Came to the room for the first time after the poll opened. */
  isNew: boolean;
  /** The account was made after the poll opened. */
  isMade: boolean;
  /** Voted, and was never in the room. */
  isUnseen: boolean;
};

type Sources = {
  attendance: readonly Attended[];
  voters: Turnout['people'];
  barred: readonly Barred[];
  /** Accounts made since the poll opened, whether or not they voted. */
  newcomers: readonly Newcomer[];
  openedAt: string | null;
};

/** Those who may be made up come first: made since the opening, never in the room, new; then by name. */
export function listParticipants(
  { attendance, voters, barred, newcomers, openedAt }: Sources,
  language: string,
): Participant[] {
  // Of several meetings the first one says since when somebody is known.
  const latestFirst = [...attendance].sort((a, b) => Date.parse(b.first) - Date.parse(a.first));
  const seen = new Map(latestFirst.map((each) => [each.person, each]));
  const votes = new Map(voters?.map((each) => [each.id, each]));
  const made = new Map(newcomers.map((each) => [each.id, each]));
  const bars = new Set(barred.map(({ person }) => person));
  // Accounts of the roll are in the room under their row's id.
  const rows = new Set(attendance.filter(({ person }) => person.startsWith('r')).map(({ name }) => name));
  const ids = [...new Set([...seen.keys(), ...votes.keys(), ...made.keys(), ...bars])].filter((id) => /^[ug]/.test(id));

  const all = ids.map((id): Participant => {
    const visit = seen.get(id);
    const name = votes.get(id)?.name ?? visit?.name ?? made.get(id)?.name ?? null;
    const voted = voters === null ? null : (votes.get(id)?.voted ?? false);
    return {
      id,
      name: name === '' ? null : name,
      isBarred: bars.has(id),
      voted,
      isNew: visit !== undefined && openedAt !== null && Date.parse(visit.first) >= Date.parse(openedAt),
      isMade: made.has(id),
      isUnseen: voted === true && visit === undefined && !(name !== null && rows.has(name)),
    };
  });
  const rank = (each: Participant) => (each.isMade ? 0 : each.isUnseen ? 1 : each.isNew ? 2 : 3);
  const { compare } = new Intl.Collator(language, { numeric: true });
  return all.sort((a, b) => rank(a) - rank(b) || compare(a.name ?? '', b.name ?? ''));
}
