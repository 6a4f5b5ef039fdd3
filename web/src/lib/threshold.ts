// Where on the bars a poll's threshold lies. Pure.
import type { Poll, Results } from './contract';

/**
 * The share, on the bars' own scale (valid ballots, or all points they could give), that a winner must reach or
 * pass; null where there is no threshold, where what it is a share of is not known yet, or where no bar gets there.
 */
export function thresholdShare(poll: Poll, results: Results): number | null {
  const { threshold, ballots, blank, eligible } = results;
  if (threshold === null || blank === null) return null;
  const valid = ballots - blank;
  const base = { valid, cast: ballots, eligible, present: poll.quorum.present_at_close }[threshold.of];
  if (base === null || valid === 0) return threshold.of === 'valid' ? threshold.num / threshold.den : null;
  const share = (threshold.num / threshold.den) * (base / valid);
  return share > 1 ? null : share;
}
