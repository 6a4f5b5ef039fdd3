// What a voter has marked so far, by method, and what is still wrong with it. Pure.
import type { Ballot, Marks, Poll } from '../../lib/contract';

export type Fault = 'none' | 'tooMany';

export type MarkingProps<M> = {
  poll: Poll;
  marks: M;
  /** `fault`: a mark was not made, because the poll does not allow it. */
  onMarks: (marks: Marks, fault?: Fault | null) => void;
  disabled: boolean;
  describedBy: string | undefined;
};

/** Nothing marked; sent as it is, it is a blank ballot. */
export function blankMarks(poll: Poll): Marks {
  return poll.method === 'score' ? { scores: {} } : { choices: [] };
}

export function isBlank(marks: Marks): boolean {
  return 'choices' in marks ? marks.choices.length === 0 : Object.keys(marks.scores).length === 0;
}

/** Whether a ballot marks one candidate at most. */
export function marksOne({ method }: Poll): boolean {
  return method === 'plurality' || method === 'motion';
}

/** How many candidates one ballot may mark. */
export function mostMarks(poll: Poll): number {
  if (marksOne(poll)) return 1;
  return poll.max_choices ?? poll.candidates.length;
}

/** Why a ballot cannot be sent as it is; a blank one has a way of its own. */
export function marksFault(poll: Poll, marks: Marks): Fault | null {
  if (isBlank(marks)) return 'none';
  const count = 'choices' in marks ? marks.choices.length : Object.keys(marks.scores).length;
  return count > mostMarks(poll) ? 'tooMany' : null;
}

/** Marks a candidate, or takes the mark away again; where one is all that a ballot has, the new mark is the only one. */
export function toggleChoice(poll: Poll, choices: number[], candidateId: number): number[] {
  if (marksOne(poll)) return [candidateId];
  return choices.includes(candidateId) ? choices.filter((id) => id !== candidateId) : [...choices, candidateId];
}

/** Gives points; null takes them away again. */
export function giveScore(scores: Record<string, number>, candidateId: number, points: number | null) {
  const others = Object.entries(scores).filter(([id]) => id !== String(candidateId));
  return Object.fromEntries(points === null ? others : [...others, [String(candidateId), points] as const]);
}

/** Moves what stands at `from` to `to`; places outside the list mean its ends. */
export function moveRank(choices: number[], from: number, to: number): number[] {
  const moved = choices[from];
  if (moved === undefined) return choices;
  const rest = choices.filter((_, index) => index !== from);
  const place = Math.max(0, Math.min(to, rest.length));
  return [...rest.slice(0, place), moved, ...rest.slice(place)];
}

/** The marks of a kept or told ballot, as far as this poll has them; null where they are not of its kind. */
export function readMarks(poll: Poll, told: unknown): Marks | null {
  if (typeof told !== 'object' || told === null) return null;
  const known = new Set(poll.candidates.map(({ id }) => id));
  if (poll.method === 'score') {
    if (!('scores' in told) || typeof told.scores !== 'object' || told.scores === null) return null;
    const isPoints = (points: unknown): points is number =>
      Number.isInteger(points) && Number(points) >= 0 && Number(points) <= poll.score_max;
    const scores = Object.entries(told.scores as Record<string, unknown>);
    return { scores: Object.fromEntries(scores.filter(([id, points]) => known.has(Number(id)) && isPoints(points))) as Record<string, number> };
  }
  if (!('choices' in told) || !Array.isArray(told.choices)) return null;
  const choices = told.choices.filter((id, index, all): id is number => known.has(id as number) && all.indexOf(id) === index);
  return { choices: choices.slice(0, mostMarks(poll)) };
}

/** What my ballot says, where that is known; a secret poll tells it to nobody. */
export function marksOf(poll: Poll, ballot: Ballot | null | undefined): Marks | null {
  return ballot === null || ballot === undefined ? null : readMarks(poll, ballot);
}
