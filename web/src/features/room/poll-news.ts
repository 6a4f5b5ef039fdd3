// Which changes of a poll are worth saying, and in which words. Pure.
import type { Poll, PollState, Results } from '../../lib/contract';
import { listNames } from '../../lib/isolate';

type News =
  | { key: 'room.opened' | 'room.resumed' | 'room.pausedNow' | 'room.closedNow' | 'room.voided'; values: { title: string } }
  | { key: 'room.winners' | 'room.tiedNames'; values: { names: string } };

export function tellChange(poll: Poll, before: PollState | undefined, now: PollState, results?: Results): News[] {
  if (before === now) return [];
  const values = { title: poll.title };
  switch (now) {
    case 'open':
      return [{ key: before === 'paused' ? 'room.resumed' : 'room.opened', values }];
    case 'paused':
      return before === undefined ? [] : [{ key: 'room.pausedNow', values }];
    case 'closed':
      return before === undefined ? [] : [{ key: 'room.closedNow', values }, ...tellOutcome(results)];
    case 'void':
      return before === undefined ? [] : [{ key: 'room.voided', values }];
    case 'draft':
      return [];
  }
}

function tellOutcome(results: Results | undefined): News[] {
  const namesOf = (ids: number[] | null | undefined) =>
    listNames((results?.tally ?? []).filter(({ candidate }) => ids?.includes(candidate)).map(({ name }) => name));
  const winners = namesOf(results?.winners);
  const tied = namesOf(results?.tied);
  return [
    ...(winners === '' ? [] : [{ key: 'room.winners' as const, values: { names: winners } }]),
    ...(tied === '' ? [] : [{ key: 'room.tiedNames' as const, values: { names: tied } }]),
  ];
}
