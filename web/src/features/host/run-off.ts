// Who stands in a run-off, and for how many seats. Pure.
import type { Poll, Results } from '../../lib/contract';

export type RunOff = { candidates: number[]; seats: number };

/**
 * The run-off that a closed poll asks for, or null where it decided all: between those tied for the seats that are left; or,
 * where nobody reached the threshold, between the two with the most votes and whoever is level with the second. A motion has none.
 */
export function planRunOff(poll: Poll, results: Results | undefined): RunOff | null {
  const { winners, tied, tally, verdict } = results ?? {};
  if (results?.state !== 'closed' || !winners || !tied || !tally) return null;
  // What had no quorum is voted on again as it was.
  if (poll.method === 'motion' || verdict === 'no_quorum') return null;
  if (tied.length > 0) return { candidates: tied, seats: Math.max(poll.seats - winners.length, 1) };
  if (winners.length > 0) return null;
  const voted = tally.filter((row) => row.votes > 0).sort((a, b) => b.votes - a.votes);
  const bar = voted[1]?.votes;
  if (bar === undefined) return null;
  return { candidates: voted.filter((row) => row.votes >= bar).map((row) => row.candidate), seats: 1 };
}
