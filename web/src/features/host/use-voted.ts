// Who of the roll has voted in the poll that the room shows, where a host may know.
import { useQuery } from '@tanstack/react-query';

import type { Poll, Turnout } from '../../lib/contract';
import { pollsQuery, resultsQuery } from '../../lib/queries';
import { useDesk } from './desk-room';
import type { Voted } from './order-rows';
import { turnoutQuery } from './queries';

const none: Poll[] = [];

export function useVoted(): { poll: Poll | undefined; turnout: Turnout | undefined; voted: Voted } {
  const { code, room, token } = useDesk();
  const polls = useQuery(pollsQuery(code)).data ?? none;
  const poll = polls.find(({ id, eligibility }) => id === room.current_poll && eligibility === 'roll');
  const results = useQuery({ ...resultsQuery(poll?.id ?? 0), enabled: false }).data;
  const turnout = useQuery({
    ...turnoutQuery(poll?.id ?? 0, token, results?.version ?? 0),
    enabled: poll !== undefined,
  }).data;
  const people = poll === undefined ? null : (turnout?.people ?? null);
  const voted = people && new Map(people.map(({ id, voted: has }) => [Number(id.slice(1)), has]));
  return { poll, turnout: poll && turnout, voted };
}
