// The polls on a voter's page, in an order that does not move what is in use; and which of them came last.
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { Poll } from '../../lib/contract';
import { arrangePolls } from '../../lib/polls';
import { pollsQuery, roomQuery } from '../../lib/queries';

const none: Poll[] = [];

export function useArrangedPolls(code: string) {
  const room = useQuery(roomQuery(code)).data;
  const polls = useQuery(pollsQuery(code)).data ?? none;
  const [arranged, setArranged] = useState<{ ids: number[]; polls: Poll[]; current: number | null; fresh: number | null }>({
    ids: [],
    polls: none,
    current: null,
    fresh: null,
  });

  // An order that depends on the one before: kept while drawing, not after, so that nothing is seen to jump.
  if (room !== undefined && (arranged.polls !== polls || arranged.current !== room.current_poll)) {
    const ids = arrangePolls(arranged.ids, arranged.polls, room, polls);
    const came = ids.filter((id) => !arranged.ids.includes(id));
    const below = arranged.ids.length > 0 && came.length > 0 && ids[0] !== came[0];
    const fresh = below ? (came[0] ?? null) : came.length > 0 ? null : arranged.fresh;
    setArranged({ ids, polls, current: room.current_poll, fresh });
  }

  const byId = new Map(polls.map((poll) => [poll.id, poll]));
  const shown = arranged.ids.flatMap((id) => byId.get(id) ?? []);
  return {
    shown,
    earlier: polls.filter((poll) => poll.state !== 'draft' && !arranged.ids.includes(poll.id)).reverse(),
    /** A poll that opened below the one on top, until it was looked at. */
    fresh: byId.get(arranged.fresh ?? 0) ?? null,
    looked: () => setArranged((now) => ({ ...now, fresh: null })),
  };
}
