// What a voter may do with a poll now, and when a ballot that got no answer is sent again. Pure.
import { NoAnswer, Refusal } from '../../lib/api';
import type { Ballot, Poll, PollState, Standing } from '../../lib/contract';

export type Mode = 'vote' | 'voted' | 'sign-in' | 'barred' | 'unsupported' | Exclude<PollState, 'open'>;

type Situation = {
  poll: Poll;
  state: PollState;
  signedIn: boolean;
  standing: Standing | undefined;
  ballot: Ballot | null | undefined;
};

/** What to show the voter. The server has the last word on every ballot; this only spares vain attempts. */
export function readMode({ poll, state, signedIn, standing, ballot }: Situation): Mode {
  if (state === 'draft' || state === 'closed' || state === 'void') return state;
  if (signedIn && (standing?.voted === true || (ballot ?? null) !== null)) return 'voted';
  if (state === 'paused') return 'paused';
  if (poll.method !== 'plurality') return 'unsupported';
  if (!signedIn) return 'sign-in';
  return standing?.can_vote === false ? 'barred' : 'vote';
}

const unsettled = [429, 502, 503, 504, 507];

/** Whether the same ballot, under the same key, is to be sent again. `failures` counts the earlier ones. */
export function shouldRepeat(failures: number, fault: Error): boolean {
  if (fault instanceof NoAnswer) return true;
  if (!(fault instanceof Refusal)) return false;
  const { status } = fault.problem;
  return unsettled.includes(status) || (status === 500 && failures < 3);
}

/** How long to wait: as told, else doubling up to 5 s, spread by `random` (0 to 1) so that a hall does not knock as one. */
export function repeatDelayMs(failures: number, fault: Error, random: number): number {
  if (fault instanceof Refusal && fault.retryAfterSeconds !== null) return fault.retryAfterSeconds * 1000;
  return Math.min(500 * 2 ** failures, 5000) * (0.5 + random / 2);
}
