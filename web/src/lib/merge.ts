// The merge rules: which of two states the server told is the one to keep.
import type { Message, Person, Poll, Presence, PresenceDiff, Results } from './contract';

/**
 * Keeps the results with the greatest (epoch, version), so that bars never jump back.
 * Equals go to the later arrival: only what the asker may see can differ between them.
 */
export function newestResults(kept: Results | undefined, told: Results): Results {
  if (kept?.poll !== told.poll) return told;
  if (kept.epoch !== told.epoch) return kept.epoch > told.epoch ? kept : told;
  return kept.version > told.version ? kept : told;
}

/** Adds a poll, or replaces the one with its id where that one stands. */
export function putPoll(polls: Poll[], told: Poll): Poll[] {
  return polls.some((poll) => poll.id === told.id)
    ? polls.map((poll) => (poll.id === told.id ? told : poll))
    : [...polls, told];
}

export function dropPoll(polls: Poll[], pollId: number): Poll[] {
  return polls.filter((poll) => poll.id !== pollId);
}

/** Applies a presence diff by `seq`; a gap means that diffs were missed and the room must be joined again. */
export function applyPresence(kept: Presence, told: PresenceDiff): { presence: Presence; gap: boolean } {
  if (told.seq <= kept.seq) return { presence: kept, gap: false };
  const { seq, online, present, quorum } = told;
  const people = mergePeople(kept.people, told);
  return { presence: { seq, online, present, quorum, people }, gap: told.seq > kept.seq + 1 };
}

/** Null where names are not told, or no longer: then they are asked for over HTTP. */
function mergePeople(people: Person[] | null, { joins, leaves }: PresenceDiff): Person[] | null {
  if (people === null || joins === null || leaves === null) return null;
  const gone = new Set([...leaves, ...joins.map(({ id }) => id)]);
  return [...people.filter(({ id }) => !gone.has(id)), ...joins];
}

/** Adds messages by id, oldest first. */
export function mergeMessages(kept: Message[], told: Message[]): Message[] {
  const byId = new Map([...kept, ...told].map((message) => [message.id, message]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}

/** A snapshot's messages are the last ones: what lies before a hole is let go of, and can be paged back to. */
export function keepLastMessages(kept: Message[], last: Message[]): Message[] {
  const first = last[0];
  const meets = first === undefined || kept.some(({ id }) => id >= first.id);
  return meets ? mergeMessages(kept, last) : last;
}

/** The state to believe: results are versioned and reach us on every change, the poll's own copy may lag. */
export function currentState(poll: Poll, results: Results | undefined): Poll['state'] {
  return results?.state ?? poll.state;
}
