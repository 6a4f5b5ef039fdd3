// A motion's answers, worded here: the names that the server keeps are in the language of whoever made the motion.
import type { TFunction } from 'i18next';

import type { Answer, Tally } from './contract';

type Named = { name: string; answer: Answer | null };

/** What a candidate is called: the answer's own word in a motion, else its name. */
export function wordCandidate(t: TFunction, { name, answer }: Named): string {
  return answer === null ? name : t(`answer.${answer}`);
}

/** A tally's rows, called as `wordCandidate` says. */
export function nameRows(t: TFunction, tally: Tally[]): Tally[] {
  return tally.map((row) => ({ ...row, name: wordCandidate(t, row) }));
}
