// The shares that pages show, made of counts: the server's own have four decimals, and 0.0345 for 1 of 29 would be
// shown as 3.5 %. Pure.
import type { Poll, Presence, Results } from './contract';

/** What a full bar stands for: ballots that are not blank, in a motion those for and against. */
export function countValid({ method, ballots, blank, tally }: Results): number {
  if (method !== 'motion') return ballots - (blank ?? 0);
  const decided = (tally ?? []).filter(({ answer }) => answer !== 'abstain');
  return decided.reduce((sum, { votes }) => sum + votes, 0);
}

/** Of the valid ballots, or in a score poll of all points that they could give; abstentions have none. */
export function voteShare(votes: number, poll: Poll, results: Results): number {
  const full = countValid(results) * (poll.method === 'score' ? poll.score_max : 1);
  return full === 0 ? 0 : votes / full;
}

/** How many of those who may vote have; null where nobody knows how many may. */
export function turnoutShare({ ballots, eligible }: Results): number | null {
  return eligible === null || eligible === 0 ? null : ballots / eligible;
}

/**
 * The share, on the bars' own scale, that a winner must reach or pass; null where there is no threshold, where what
 * it is a share of is not known yet, or where no bar gets there. Until the close `presence` tells who is present now.
 */
export function thresholdShare(poll: Poll, results: Results, presence?: Presence): number | null {
  const { threshold, ballots, blank, eligible } = results;
  if (threshold === null || blank === null) return null;
  const valid = countValid(results);
  const present = poll.quorum.present ?? presentSoFar(poll, results, presence);
  const base = { valid, cast: ballots, present, eligible }[threshold.of];
  if (base === null || valid === 0) return threshold.of === 'valid' ? threshold.num / threshold.den : null;
  const share = (threshold.num * base) / (threshold.den * valid);
  return share > 1 ? null : share;
}

/**
 * The base of a share of those present as the close would find it now: nobody makes it smaller by leaving, and members
 * who came to the roll after the opening don't count, so it is at most the electorate.
 */
function presentSoFar(poll: Poll, { ballots, eligible }: Results, presence: Presence | undefined): number | null {
  const { present_at_open, present_at_close } = poll.quorum;
  const now = present_at_close ?? presence?.present ?? null;
  return now === null ? null : Math.max(Math.min(now, eligible ?? now), present_at_open ?? 0, ballots);
}
