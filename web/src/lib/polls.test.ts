import { describe, expect, test } from 'vitest';

import type { Poll, Room } from './contract';
import { arrangePolls, currentPoll } from './polls';

const poll = (id: number, state: Poll['state'] = 'open') => ({ id, state }) as Poll;
const room = (current_poll: number | null) => ({ code: 'lobby', current_poll }) as Room;

test('the current poll is the one that the room names', () => {
  expect(currentPoll(room(2), [poll(1), poll(2)])?.id).toBe(2);
  expect(currentPoll(room(null), [poll(1)])).toBeUndefined();
});

describe('arrangePolls', () => {
  test('shows the current poll first, then the others that take ballots', () => {
    const polls = [poll(1, 'closed'), poll(2), poll(3, 'paused'), poll(4), poll(5, 'draft')];

    expect(arrangePolls([], [], room(4), polls)).toEqual([4, 2, 3]);
  });

  test('shows a closed poll as long as it is the current one', () => {
    expect(arrangePolls([], [], room(1), [poll(1, 'closed')])).toEqual([1]);
  });

  test('never shows a draft', () => {
    expect(arrangePolls([], [], room(1), [poll(1, 'draft')])).toEqual([]);
  });

  test('puts a new poll below a form that may be in use', () => {
    expect(arrangePolls([1], [poll(1)], room(2), [poll(1), poll(2)])).toEqual([1, 2]);
  });

  test('puts a new poll above one that has ended', () => {
    const before = [poll(1), poll(2)];

    expect(arrangePolls([1, 2], before, room(3), [poll(1), poll(2, 'closed'), poll(3)])).toEqual([1, 3, 2]);
  });

  test('leaves a poll in its place as it closes', () => {
    const before = [poll(1), poll(2)];

    expect(arrangePolls([1, 2], before, room(2), [poll(1, 'closed'), poll(2)])).toEqual([1, 2]);
  });

  test('lets go of what had ended when the next one opens', () => {
    const before = [poll(1, 'closed')];

    expect(arrangePolls([1], before, room(2), [poll(1, 'closed'), poll(2)])).toEqual([2]);
  });

  test('lets go of a poll that is gone', () => {
    expect(arrangePolls([1], [poll(1)], room(null), [])).toEqual([]);
  });
});
