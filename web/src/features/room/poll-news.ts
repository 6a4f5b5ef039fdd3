// Which changes of a poll are worth saying, and in which words. Pure.
import type { Poll, PollState, Verdict } from '../../lib/contract';

type News = {
  key: 'room.opened' | 'room.resumed' | 'room.pausedNow' | 'room.closedNow' | 'room.voided';
  values: { title: string };
};

export function tellChange(poll: Poll, before: PollState | undefined, now: PollState): News[] {
  if (before === now) return [];
  const values = { title: poll.title };
  switch (now) {
    case 'open':
      return [{ key: before === 'paused' ? 'room.resumed' : 'room.opened', values }];
    case 'paused':
      return before === undefined ? [] : [{ key: 'room.pausedNow', values }];
    case 'closed':
      return before === undefined ? [] : [{ key: 'room.closedNow', values }];
    case 'void':
      return before === undefined ? [] : [{ key: 'room.voided', values }];
    case 'draft':
      return [];
  }
}

/** Whether a verdict has just come: not one that was there before, nor the void that is told as a change. */
export function isNewVerdict(before: Verdict | null | undefined, now: Verdict | null | undefined): boolean {
  return before === null && now != null && now !== 'void';
}
