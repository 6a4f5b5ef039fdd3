// The order of a room's drafts: the evening's agenda. Pure.
import type { Poll } from '../../lib/contract';

const placeOf = ({ id, place }: Pick<Poll, 'id' | 'place'>) => place ?? id;

/** The drafts, the next one first. */
export function listDrafts(polls: Poll[]): Poll[] {
  return polls.filter(({ state }) => state === 'draft').sort((a, b) => placeOf(a) - placeOf(b));
}

/** What the server will say after a move: the drafts that it passes hand their places on. */
export function moveDraft(drafts: Poll[], from: number, to: number): Poll[] {
  const moved = drafts[from];
  if (moved === undefined || to < 0 || to >= drafts.length) return drafts;
  const rest = drafts.filter((_, at) => at !== from);
  const places = drafts.map(placeOf);
  return [...rest.slice(0, to), moved, ...rest.slice(to)].map((poll, at) => ({ ...poll, place: places[at] ?? null }));
}
