// A notice says what was done. It belongs to where it was done, and goes when one moves on or when it is true no longer. Pure.
import type { Poll, ShownState } from '../../lib/contract';

/** `there`: the act also leads to another place, and the notice is to be read on arrival. `of`: true while that poll stands so. */
export type NoticeOptions = { there?: boolean; of?: Pick<Poll, 'id' | 'state'> };

/** `at` is the visit at which it is shown; a visit ends when one moves on, also to the same place. */
export type Notice = NoticeOptions & { text: string; at: string };

/** The notice as of the visit `now`: null once its own is over. */
export function followNotice(notice: Notice | null, now: string): Notice | null {
  if (notice === null || notice.at === now) return notice;
  return notice.there === true ? { ...notice, at: now, there: false } : null;
}

/** What there is to read at the moment; `stateOf` tells how a poll stands, undefined where there is none. */
export function readNotice(notice: Notice | null, stateOf: (pollId: number) => ShownState | undefined): string {
  if (notice === null || notice.there === true) return '';
  return notice.of === undefined || stateOf(notice.of.id) === notice.of.state ? notice.text : '';
}
