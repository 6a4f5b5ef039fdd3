// Which of a room's polls are shown, and in which order. Pure.
import type { Poll, Room } from './contract';

/** The poll that phones and the screen show. */
export function currentPoll(room: Room | undefined, polls: Poll[]): Poll | undefined {
  return polls.find((poll) => poll.id === room?.current_poll);
}

const isGoing = (poll: Poll | undefined) => poll?.state === 'open' || poll?.state === 'paused';

/**
 * The ids of the polls to show, after those that were shown before: a poll that takes ballots, or has just ended
 * in sight, keeps its place, so that nothing moves under a thumb. A new one comes below those that still take
 * ballots, and above those that have ended; with it go the ones that had ended before it came.
 */
export function arrangePolls(shown: number[], before: Poll[], room: Room | undefined, polls: Poll[]): number[] {
  const byId = new Map(polls.map((poll) => [poll.id, poll]));
  const current = currentPoll(room, polls)?.id;
  const wanted = polls.filter((poll) => isGoing(poll) || (poll.id === current && poll.state !== 'draft'));
  const fresh = wanted.map(({ id }) => id).filter((id) => !shown.includes(id));
  const hadEnded = (id: number) => !isGoing(before.find((poll) => poll.id === id));
  const kept = shown.filter((id) => byId.has(id) && (id === current || fresh.length === 0 || !hadEnded(id)));
  const firstEnded = kept.findIndex((id) => !isGoing(byId.get(id)));
  const place = firstEnded === -1 ? kept.length : firstEnded;
  // The current one first among the new: a late comer must not look for it.
  fresh.sort((a, b) => Number(b === current) - Number(a === current));
  return [...kept.slice(0, place), ...fresh, ...kept.slice(place)];
}
