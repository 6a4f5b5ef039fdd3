// What the close of a poll decided, in sentences: the same on the phone, the desk, the wall, in the minutes and aloud.
import type { TFunction } from 'i18next';

import type { Results, Verdict } from './contract';
import { listNames } from './isolate';

/** A quorum that was asked for and not met, recorded or required: then nothing is shown as a triumph. */
export function missesQuorum({ quorum }: Results): boolean {
  return quorum?.met === false;
}

/** How many counted as present; null before the close. Earlier servers told only who was there at the close. */
export function countPresent({ quorum }: Results): number | null {
  return quorum?.present ?? quorum?.present_at_close ?? null;
}

type WordNames = (ids: number[] | null) => string;

/** The verdict's sentences, the most important one first; none before the close. */
export function wordVerdict(t: TFunction, results: Results, wordNames: WordNames = namesIn(results)): string[] {
  const { verdict, winners, tied, threshold } = results;
  const won = winners?.length ? [t('verdict.elected', { count: winners.length, names: wordNames(winners) })] : [];
  switch (verdict) {
    case null:
      return [];
    case 'elected':
      return won;
    case 'tied':
      return [...won, t('verdict.tied', { names: wordNames(tied) }), t('verdict.tieUnbroken')];
    case 'none_passed':
      return [t(threshold === null ? 'verdict.noVotes' : 'verdict.none_passed')];
    case 'no_quorum':
      return [t('verdict.no_quorum'), t('verdict.undecided')];
    case 'carried':
    case 'rejected':
    case 'void':
      return [t(`verdict.${verdict}`)];
  }
}

/** Whether a verdict has just come: not one that was there before, nor the void that is told as a change. */
export function isNewVerdict(before: Verdict | null | undefined, now: Verdict | null | undefined): boolean {
  return before === null && now != null && now !== 'void';
}

/** Sentences as one text, for the minutes and the ear: what has no stop of its own gets one. */
export function joinSentences(sentences: (string | null)[]): string {
  return sentences.filter((each) => each !== null).map((each) => (/[.!?]$/.test(each) ? each : `${each}.`)).join(' ');
}

/** How many had to be present at the close, and were; null where no quorum was asked for. */
export function wordQuorum(t: TFunction, results: Results): string | null {
  const { required, met } = results.quorum ?? {};
  const present = countPresent(results);
  if (required == null || present === null) return null;
  return t(met ? 'verdict.quorumMet' : 'verdict.quorumUnmet', { required, present });
}

/** Verdicts that are worth the colour of one. */
const triumphs: (Verdict | null)[] = ['elected', 'carried'];

/** Whether a verdict is shown in gold. */
export function isTriumph(results: Results): boolean {
  return triumphs.includes(results.verdict) && !missesQuorum(results);
}

/** The names of candidates, in their own order. */
export function namesIn({ tally }: Results): WordNames {
  return (ids) =>
    listNames((tally ?? []).filter(({ candidate }) => ids?.includes(candidate)).map(({ name }) => name));
}
