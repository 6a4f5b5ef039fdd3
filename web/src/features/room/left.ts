// Which of the polls shown a voter has still to vote in. Pure.
import type { Poll, You } from '../../lib/contract';

type Standings = You['polls'] | undefined;
type Shown = Pick<Poll, 'id' | 'state'>;

function isLeft(poll: Shown, standings: Standings): boolean {
  const standing = standings?.[poll.id];
  return poll.state === 'open' && standing?.voted !== true && standing?.can_vote !== false;
}

export function countLeft(polls: Shown[], standings: Standings): number {
  return polls.filter((poll) => isLeft(poll, standings)).length;
}

/** The next one after place `at`, and after the last the first; undefined where none is left. */
export function nextLeft<P extends Shown>(polls: P[], standings: Standings, at: number): P | undefined {
  return [...polls.slice(at + 1), ...polls.slice(0, at)].find((poll) => isLeft(poll, standings));
}
