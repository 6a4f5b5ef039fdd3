import { describe, expect, test } from 'vitest';

import { readRoomCode } from './code';

describe('readRoomCode', () => {
  test.each([
    ['K7M2QX', 'K7M2QX'],
    [' k7m-2qx ', 'K7M2QX'],
    ['oil000', '011000'],
    ['Ｋ７Ｍ２ＱＸ', 'K7M2QX'],
    ['Lobby', 'lobby'],
  ])('reads %s as %s', (typed, code) => {
    expect(readRoomCode(typed)).toBe(code);
  });

  test.each(['', 'K7M2Q', 'K7M2QXX', 'K7M2QU', '../../'])('reads no code in "%s"', (typed) => {
    expect(readRoomCode(typed)).toBeNull();
  });
});
