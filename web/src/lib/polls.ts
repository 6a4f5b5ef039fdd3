// Which of a room's polls are shown.
import type { Poll, Room } from './contract';

/** The poll that phones and the screen show. */
export function currentPoll(room: Room | undefined, polls: Poll[]): Poll | undefined {
  return polls.find((poll) => poll.id === room?.current_poll);
}

/** The current poll first, then every other one that takes ballots: a late comer must not miss it. */
export function pollsToShow(room: Room | undefined, polls: Poll[]): Poll[] {
  const current = currentPoll(room, polls);
  const others = polls.filter((poll) => poll !== current && (poll.state === 'open' || poll.state === 'paused'));
  return current === undefined ? others : [current, ...others];
}
