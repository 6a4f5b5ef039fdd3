// Which changes of a poll are worth saying, and in which words. Pure.
import type { Poll, ShownState } from '../../lib/contract';

type News = {
  key: 'room.opened' | 'room.resumed' | 'room.pausedNow' | 'room.countingNow' | 'room.closedNow' | 'room.voided';
  values: { title: string };
};

export function tellChange(poll: Poll, before: ShownState | undefined, now: ShownState): News[] {
  if (before === now) return [];
  const values = { title: poll.title };
  switch (now) {
    case 'open':
      return [{ key: before === 'paused' ? 'room.resumed' : 'room.opened', values }];
    case 'paused':
      return before === undefined ? [] : [{ key: 'room.pausedNow', values }];
    case 'counting':
      return before === undefined ? [] : [{ key: 'room.countingNow', values }];
    case 'closed':
      return before === undefined ? [] : [{ key: 'room.closedNow', values }];
    case 'void':
      return before === undefined ? [] : [{ key: 'room.voided', values }];
    case 'draft':
      return [];
  }
}
