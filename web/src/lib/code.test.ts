import { describe, expect, test } from 'vitest';

import { readClaim, readEntry, readRoomCode } from './code';

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

describe('readEntry', () => {
  test.each([
    ['k7m2qx', 'K7M2QX', null],
    ['http://192.168.0.5:5000/r/K7M2QX', 'K7M2QX', null],
    [' 투표: https://vote.example.org/r/k7m2qx/screen?x=1 ', 'K7M2QX', null],
    ['hall.local:5000/r/K7M2QX#claim=ab0de-fghjk', 'K7M2QX', 'AB0DEFGHJK'],
    ['/r/lobby', 'lobby', null],
  ])('reads %s', (typed, room, claim) => {
    expect(readEntry(typed)).toEqual({ room, claim });
  });

  test.each([
    ['  ', { fault: 'empty' }],
    ['K7M2Q', { fault: 'short', count: 5 }],
    ['K7M2QXX', { fault: 'long', count: 7 }],
    ['K7M2QU', { fault: 'letter', letter: 'U' }],
    ['k7m2q회', { fault: 'letter', letter: '회' }],
    ['GYQ0E-1PVBN', { fault: 'claim' }],
    ['https://example.org/', { fault: 'link' }],
    ['https://example.org/r/K7M', { fault: 'link' }],
  ])('says what is wrong with "%s"', (typed, fault) => {
    expect(readEntry(typed)).toEqual(fault);
  });
});

describe('readClaim', () => {
  test.each([
    ['#claim=GYQ0E1PVBN', 'GYQ0E1PVBN'],
    ['#claim=gyq0e-1pvbn', 'GYQ0E1PVBN'],
    ['#claim=GYQ0E1PVBN&fbclid=1', 'GYQ0E1PVBN'],
    ['#claim=GYQ0E1PVBN.', 'GYQ0E1PVBN'],
    ['#Claim=%20GYQ0E1PVBN)', 'GYQ0E1PVBN'],
    ['#claim=GYQ0E1PVBNAAA', null],
    ['#token=a.b.c', null],
    ['#claim=short', null],
    ['', null],
  ])('reads %s', (hash, claim) => {
    expect(readClaim(hash)).toBe(claim);
  });
});
