// The merge rules: which of two states the server told is the one to keep.
import type { Poll, Presence, Results } from './contract';

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
export function applyPresence(kept: Presence, told: Presence): { presence: Presence; gap: boolean } {
  if (told.seq <= kept.seq) return { presence: kept, gap: false };
  const { seq, online, present, quorum } = told;
  return { presence: { seq, online, present, quorum }, gap: told.seq > kept.seq + 1 };
}

/** The state to believe: results are versioned and reach us on every change, the poll's own copy may lag. */
export function currentState(poll: Poll, results: Results | undefined): Poll['state'] {
  return results?.state ?? poll.state;
}
