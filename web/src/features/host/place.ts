// Where at the desk one is: it stands in the address, so that a reload and the back button know it.
import { useSearchParams } from 'react-router';

export const places = ['polls', 'new', 'poll', 'edit', 'minutes', 'roll', 'codes', 'door', 'invite', 'people', 'settings'] as const;
export type PlaceName = (typeof places)[number];
export type Place = { name: PlaceName; pollId: number | null };

export function readPlace(query: URLSearchParams): Place {
  const name = places.find((place) => place === query.get('desk')) ?? 'polls';
  const pollId = Number(query.get('id') ?? Number.NaN);
  return { name, pollId: Number.isInteger(pollId) ? pollId : null };
}

export function usePlace(): Place {
  return readPlace(useSearchParams()[0]);
}

export function placeLink(name: PlaceName, pollId?: number): string {
  return pollId === undefined ? `?desk=${name}` : `?desk=${name}&id=${pollId}`;
}
