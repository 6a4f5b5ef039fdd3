// What each row of the wall says: of a tally, or of one round of a run-off.
import type { Poll, Results, Tally } from '../../lib/contract';
import { voteShare } from '../../lib/shares';

/** `leaving` goes after the round that is shown, `out` has gone in round `outIn` (from 1). */
export type Row = {
  id: number;
  /** Where it stands on the ballot, from 1. */
  place: number;
  name: string;
  votes: number;
  /** How many of them came in this round of a run-off, from those who left; 0 elsewhere. */
  gained: number;
  /** Null where there is nothing that it is a share of, as of abstentions: then no bar is drawn. */
  share: number | null;
  passed: boolean | null;
  /** Whether the threshold is for this row: nothing has to be reached against a motion. */
  measured: boolean;
  outcome: 'won' | 'tied' | 'leaving' | 'out' | null;
  outIn: number | null;
};

export function tallyRows(poll: Poll, results: Results, tally: Tally[]): Row[] {
  const rows = tally.map((row, index) => ({
    id: row.candidate,
    place: index + 1,
    name: row.name,
    votes: row.votes,
    gained: 0,
    share: row.answer === 'abstain' ? null : voteShare(row.votes, poll, results),
    // Without a threshold there is nothing to pass, a motion is carried or rejected as a whole, and without a quorum nothing is.
    passed: results.threshold === null || results.method === 'motion' || results.verdict === 'no_quorum' ? null : row.passed,
    measured: row.answer !== 'against',
    outcome: outcomeOf(results, row.candidate),
    outIn: null,
  }));
  return putDecidedFirst(rows);
}

/** The same rows before anything is told of them: as on the ballot. */
export function risingRows(rows: Row[]): Row[] {
  const untold = rows.map((row): Row => ({ ...row, passed: null, outcome: null, outIn: null }));
  return untold.sort((a, b) => a.place - b.place);
}

/** The rows of round `index`; shares are of the ballots that still count in it. */
export function roundRows(poll: Poll, results: Results, tally: Tally[], index: number): Row[] {
  const rounds = results.rounds ?? [];
  const round = rounds[index];
  if (round === undefined) return tallyRows(poll, results, tally);
  const isLast = index === rounds.length - 1;
  const continuing = Object.values(round.votes).reduce((sum, votes) => sum + votes, 0);

  const rows = tally.map(({ candidate, name, passed }, place): Row => {
    const votes = round.votes[candidate];
    const outIn = rounds.findIndex(({ eliminated }) => eliminated.includes(candidate)) + 1;
    const kept = { id: candidate, place: place + 1, name, gained: 0, outIn: null, passed: null, measured: true };
    if (votes === undefined) return { ...kept, votes: 0, share: 0, outcome: 'out', outIn };
    return {
      ...kept,
      votes,
      gained: votes - (rounds[index - 1]?.votes[candidate] ?? votes),
      share: continuing === 0 ? 0 : votes / continuing,
      passed: isLast && results.threshold !== null ? passed : null,
      outcome: isLast ? outcomeOf(results, candidate) : round.eliminated.includes(candidate) ? 'leaving' : null,
    };
  });
  return putDecidedFirst(rows);
}

/** Who won, then who is level, then the others, as on the ballot: nobody in a hall waits for a later page to see who won. */
function putDecidedFirst(rows: Row[]): Row[] {
  const having = (outcome: Row['outcome']) => rows.filter((row) => row.outcome === outcome);
  const others = rows.filter(({ outcome }) => outcome !== 'won' && outcome !== 'tied');
  return [...having('won'), ...having('tied'), ...others];
}

function outcomeOf({ winners, tied }: Results, candidate: number): Row['outcome'] {
  if (winners?.includes(candidate) === true) return 'won';
  return tied?.includes(candidate) === true ? 'tied' : null;
}
