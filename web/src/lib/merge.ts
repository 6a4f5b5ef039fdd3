// The merge rules: which of two states the server told is the one to keep.
import type { Meeting, Message, Person, Poll, PollState, Presence, PresenceDiff, Results, ShownState, You } from './contract';

/**
 * Keeps the results with the greatest (epoch, version), so that bars never jump back.
 * Equals go to the later arrival: only what the asker may see can differ between them.
 */
export function newestResults(kept: Results | undefined, told: Results): Results {
  if (kept?.poll !== told.poll) return told;
  if (kept.epoch !== told.epoch) return kept.epoch > told.epoch ? kept : told;
  return kept.version > told.version ? kept : told;
}

/** How far on a state is. No poll goes back: of two that were told, the one that is further on is the later. */
const stage: Record<PollState, number> = { draft: 0, open: 1, paused: 1, closed: 2, void: 3 };

const byId = (a: Poll, b: Poll) => a.id - b.id;

/** Adds a poll at its place, oldest first, or replaces the one with its id, unless what is told is of before. */
export function putPoll(polls: Poll[], told: Poll): Poll[] {
  return polls.some((poll) => poll.id === told.id)
    ? polls.map((poll) => (poll.id === told.id && stage[told.state] >= stage[poll.state] ? told : poll))
    : [...polls, told].sort(byId);
}

/** A snapshot's polls hold; of those known before, only earlier ones than it tells of can stay. `next` is its cursor. */
export function keepEarlierPolls(kept: Poll[], recent: Poll[], next: number | null): Poll[] {
  const told = new Set(recent.map(({ id }) => id));
  return [...kept.filter(({ id }) => next !== null && id < next && !told.has(id)), ...recent].sort(byId);
}

/** What one may do: told of some polls, it says nothing of others. Somebody else's tells nothing of mine. */
export function mergeYou(kept: You | undefined, told: You): You {
  return kept?.person === told.person ? { ...told, polls: { ...kept.polls, ...told.polls } } : told;
}

/** The meeting that goes on after one was told of: late news of an earlier one ends no later one. */
export function currentMeeting(kept: Meeting | null, told: Meeting | null): Meeting | null {
  if (told === null || (kept !== null && kept.number > told.number)) return kept;
  if (told.ended_at === null) return told;
  return null;
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

/**
 * A snapshot's messages are the last ones. What lies before a hole is let go of, and can be paged back to; so is all
 * that lies before them where a host has removed some that this page was not told of (`missed`).
 */
export function keepLastMessages(kept: Message[], last: Message[], missed = false): Message[] {
  const [first, end] = [last[0], last.at(-1)];
  if (first === undefined || end === undefined) return missed ? [] : kept;
  const meets = kept.some(({ id }) => id >= first.id);
  return mergeMessages(
    kept.filter(({ id }) => id > end.id || (id < first.id && meets && !missed)),
    last,
  );
}

/** What hosts have removed from the chat: how much in all, and what of it this page was told of. */
export type Removed = { count: number; ids: readonly number[] };

export const withoutRemoved = (messages: Message[], { ids }: Removed): Message[] =>
  messages.filter(({ id }) => !ids.includes(id));

/** The state to believe: a poll and its results each come late at times; of those equally far on the results' is versioned. */
export function currentState(poll: Poll, results: Results | undefined): ShownState {
  const state = results && stage[results.state] >= stage[poll.state] ? results.state : poll.state;
  return stage[state] === stage.open && typeof poll.closed_at === 'string' ? 'counting' : state;
}
