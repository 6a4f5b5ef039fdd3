import { describe, expect, test } from 'vitest';

import { movePlayback, readKey, startPlayback, type Act, type Playback } from './playback';

const after = (from: Playback, ...acts: Act[]) => acts.reduce(movePlayback, from);

describe('startPlayback', () => {
  test('plays from the first round when the close was watched', () => {
    expect(startPlayback(4, true)).toEqual({ round: 0, last: 3, playing: true });
  });

  test('shows the result when it was not, or when motion is not wanted', () => {
    expect(startPlayback(4, false)).toEqual({ round: 3, last: 3, playing: false });
  });

  test('has nothing to play where one round decided', () => {
    expect(startPlayback(1, true)).toEqual({ round: 0, last: 0, playing: false });
  });
});

describe('movePlayback', () => {
  const begun = startPlayback(3, true);

  test('stops by itself at the result', () => {
    expect(after(begun, 'tick', 'tick')).toEqual({ round: 2, last: 2, playing: false });
    expect(after(begun, 'tick', 'tick', 'tick', 'tick').round).toBe(2);
  });

  test('a tick that comes after the pause moves nothing', () => {
    expect(after(begun, 'pause', 'tick')).toEqual({ round: 0, last: 2, playing: false });
  });

  test('stepping by hand ends the playing, and leaves neither end', () => {
    expect(after(begun, 'next')).toEqual({ round: 1, last: 2, playing: false });
    expect(after(begun, 'back').round).toBe(0);
    expect(after(begun, 'last', 'next').round).toBe(2);
  });

  test('plays on from where it was paused, and again from the start at the end', () => {
    expect(after(begun, 'tick', 'pause', 'play')).toEqual({ round: 1, last: 2, playing: true });
    expect(after(begun, 'last', 'play')).toEqual({ round: 0, last: 2, playing: true });
  });
});

describe('readKey', () => {
  test('gives the space bar both meanings, and other keys away', () => {
    expect([readKey(' ', true), readKey(' ', false), readKey('a', true)]).toEqual(['pause', 'play', null]);
  });
});
