// What a voter may do with a poll now, and when a ballot that got no answer is sent again. Pure.
import { NoAnswer, Refusal } from '../../lib/api';
import type { Ballot, Poll, ShownState, Standing, You } from '../../lib/contract';

export type Mode = 'vote' | 'voted' | 'enter' | 'barred' | 'draft' | 'counting' | 'closed' | 'void';

type Situation = {
  state: ShownState;
  signedIn: boolean;
  standing: Standing | undefined;
  ballot: Ballot | null | undefined;
};

const bars = ['not_eligible', 'not_present', 'forbidden', 'not_found'] as const;
export type Bar = (typeof bars)[number];

/** Why the server would refuse this voter, where that is not about the poll's state or an earlier ballot. */
export function readBar(standing: Standing | undefined): Bar | null {
  if (standing?.can_vote !== false) return null;
  return bars.find((bar) => bar === standing.reason) ?? null;
}

/** What keeps this voter from voting, in the words of `poll.barred`: what they can do about it differs. */
export type Barred = 'not_present' | 'observer' | 'came_later' | 'not_eligible_roll' | 'not_eligible_accounts' | 'unknown';

export function readBarred(bar: Bar | null, eligibility: Poll['eligibility'], you: You | undefined): Barred {
  if (bar === 'not_present') return bar;
  if (bar !== 'not_eligible') return 'unknown';
  if (you?.role === 'observer') return 'observer';
  if (eligibility === 'roll') return (you?.row ?? null) === null ? 'not_eligible_roll' : 'came_later';
  // Somebody who has an account, or only gave a name where that does, was barred by a host.
  return eligibility === 'accounts' && you?.person?.startsWith('u') === false ? 'not_eligible_accounts' : 'unknown';
}

/**
 * What to show the voter. The server has the last word on every ballot; this only spares vain attempts.
 * A pause is no mode: what one has begun to mark stays in sight, and is sent when the poll goes on.
 */
export function readMode({ state, signedIn, standing, ballot }: Situation): Mode {
  if (state === 'draft' || state === 'closed' || state === 'void') return state;
  if (!signedIn) return state === 'counting' ? state : 'enter';
  if (standing?.voted === true || (ballot ?? null) !== null) return 'voted';
  if (state === 'counting') return state;
  return readBar(standing) === null ? 'vote' : 'barred';
}

/** Whether a ballot was refused because one that this device didn't know of counts. */
export const isOutrun = (fault: unknown) => fault instanceof Refusal && fault.problem.code === 'stale';

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
