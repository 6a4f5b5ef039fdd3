import { describe, expect, test } from 'vitest';

import type { Poll, Room } from './contract';
import { pollsToShow } from './polls';

describe('pollsToShow', () => {
  const poll = (id: number, state: Poll['state']) => ({ id, state }) as Poll;
  const room = (current_poll: number | null) => ({ current_poll }) as Room;

  test('shows the current poll first, then others that take ballots', () => {
    const polls = [poll(1, 'open'), poll(2, 'draft'), poll(3, 'closed'), poll(4, 'closed'), poll(5, 'paused')];

    expect(pollsToShow(room(4), polls).map(({ id }) => id)).toEqual([4, 1, 5]);
  });

  test('shows nothing when nothing is open', () => {
    expect(pollsToShow(room(null), [poll(1, 'closed')])).toEqual([]);
  });
});
