import { beforeEach, describe, expect, test } from 'vitest';

import type { Head, LogEntry } from './contract';
import { addHead, checkFrom, contradicted, findBreak, readSeen, writeSeen, type Seen } from './heads';
import { forgetAll, recall } from './storage';

const hashOf = (n: number, log = 'a') => `${log}${n}`;
const head = (n: number, log = 'a'): Head => ({ n, hash: hashOf(n, log) });
const entry = (n: number, log = 'a', before = log): LogEntry => ({
  ...{ n, hash: hashOf(n, log), previous: hashOf(n - 1, before) },
  ...{ at: '2026-11-20T09:00:00.000Z', kind: 'checked_in', actor: 'u1', data: { row: n } },
});
const entries = (from: number, to: number, log = 'a') =>
  Array.from({ length: to - from + 1 }, (_, place) => entry(from + place, log));
const seenOf = (...heads: Head[]): Seen => ({ heads, checked: heads[0]?.n ?? 0, broken: null });

beforeEach(() => forgetAll('rollcall.heads'));

describe('a head that is told', () => {
  test('contradicts what was seen where the log is shorter, or has another entry in the same place', () => {
    expect(contradicted([head(3)], head(2))).toEqual(head(3));
    expect(contradicted([head(3)], head(3, 'b'))).toEqual(head(3));
  });

  test('contradicts nothing where it is the same, or of a longer log', () => {
    expect(contradicted([head(3)], head(3))).toBeNull();
    expect(contradicted([head(3)], head(9, 'b'))).toBeNull();
    expect(contradicted([], head(1))).toBeNull();
  });
});

describe('a log that is read', () => {
  test('continues the heads that are in it', () => {
    expect(findBreak([head(3), head(5)], entries(3, 8), head(8))).toBeNull();
    expect(findBreak([head(0)], entries(1, 2), head(2))).toBeNull();
  });

  test('does not continue a head whose entry is another now', () => {
    expect(findBreak([head(3)], entries(3, 8, 'b'), head(8, 'b'))).toEqual(head(3));
    expect(findBreak([head(3), head(5, 'b')], entries(3, 8), head(8))).toEqual(head(5, 'b'));
  });

  test('does not continue a head where the entries do not hang together, or do not end in the head that is told', () => {
    const torn = [...entries(3, 5), entry(6, 'b'), entry(7, 'b')];
    const gap = [...entries(3, 5), ...entries(7, 8)];
    expect(findBreak([head(3)], torn, head(7, 'b'))).toEqual(head(3));
    expect(findBreak([head(3)], gap, head(8))).toEqual(head(3));
    expect(findBreak([head(3)], entries(3, 7), head(8))).toEqual(head(3));
    expect(findBreak([head(3)], [], head(8))).toEqual(head(3));
  });

  test('is read from the last head on that was checked', () => {
    expect(checkFrom({ heads: [head(3), head(5), head(9)], checked: 5, broken: null }, head(9))).toEqual(head(5));
    expect(checkFrom({ heads: [head(9)], checked: 9, broken: null }, head(9))).toBeNull();
    expect(checkFrom({ heads: [], checked: 0, broken: null }, head(9))).toBeNull();
  });
});

describe('what is kept', () => {
  test('is bounded, and has the last head that was checked', () => {
    let seen = seenOf(head(1));
    for (let n = 2; n < 200; n++) seen = addHead(seen, head(n));

    expect(seen.heads.length).toBeLessThanOrEqual(20);
    expect(seen.heads[0]).toEqual(head(1));
    expect(seen.heads.at(-1)).toEqual(head(199));
  });

  test('is what was written, for the rooms that were looked at last', () => {
    for (let room = 0; room < 60; room++) writeSeen(`R${room}`, seenOf(head(room)));

    expect(readSeen('R59')).toEqual(seenOf(head(59)));
    expect(readSeen('R0').heads).toEqual([]);
    expect(recall('rollcall.heads.R0')).toBeNull();
  });

  test('is nothing where something else lies there', async () => {
    const { keep } = await import('./storage');
    for (const text of ['', '7', '{"heads":7}', '{"heads":[{"n":"x"}]}', 'null']) {
      keep('rollcall.heads.X', text);
      expect(readSeen('X').heads).toEqual([]);
    }
  });
});
