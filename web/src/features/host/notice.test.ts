import { describe, expect, test } from 'vitest';

import { followNotice, readNotice, type Notice } from './notice';

const here: Notice = { text: 'Saved.', at: 'a' };
const there: Notice = { text: 'The draft is ready.', at: 'a', there: true };
const opened: Notice = { text: 'Voting is open.', at: 'a', of: { id: 7, state: 'open' } };
const none = () => undefined;

describe('a notice', () => {
  test('stays for as long as one stays', () => {
    expect(readNotice(followNotice(here, 'a'), none)).toBe('Saved.');
  });

  test('is gone when one moves on, and when one comes back', () => {
    const gone = followNotice(here, 'b');

    expect(gone).toBeNull();
    expect(readNotice(followNotice(gone, 'a'), none)).toBe('');
  });

  test('of an act that leads elsewhere is read there, and there alone', () => {
    const arrived = followNotice(there, 'b');

    expect(readNotice(followNotice(there, 'a'), none)).toBe('');
    expect(readNotice(arrived, none)).toBe('The draft is ready.');
    expect(followNotice(arrived, 'c')).toBeNull();
  });

  test.each(['paused', 'closed', 'void', undefined] as const)('that a poll is open is not said of one that is %s', (state) => {
    expect(readNotice(opened, () => 'open')).toBe('Voting is open.');
    expect(readNotice(opened, () => state)).toBe('');
  });
});
