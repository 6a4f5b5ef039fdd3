import { describe, expect, test } from 'vitest';

import type { ServerStatus } from '../../lib/contract';
import { compare, refusals } from './status';

const look = (second: number, accepted: number, figures = {}, started_at = '2026-11-27T10:00:00Z'): ServerStatus => ({
  server_time: `2026-11-27T18:00:0${second}Z`,
  started_at,
  writable: true,
  fault: null,
  votes: { accepted },
  figures,
});

describe('between two looks', () => {
  test('votes are counted by the second, writes and delays are means of what was new', () => {
    const before = look(1, 100, { store_write_seconds_count: 10, store_write_seconds_sum: 5 });
    const now = look(3, 140, { store_write_seconds_count: 14, store_write_seconds_sum: 5.2 });

    const lately = compare({ before, now });

    expect(lately.votesPerSecond).toBe(20);
    expect(lately.writeSeconds).toBeCloseTo(0.05);
    expect(lately.lagSeconds).toBeNull();
  });

  test('nothing is compared at the first look, after a restart, or where no time has passed', () => {
    const now = look(3, 4);
    const nothing = { votesPerSecond: null, writeSeconds: null, lagSeconds: null };

    expect(compare({ before: null, now })).toEqual(nothing);
    expect(compare({ before: look(1, 900, {}, '2026-11-27T09:00:00Z'), now })).toEqual(nothing);
    expect(compare({ before: look(3, 4), now })).toEqual(nothing);
  });
});

test('refusals are listed by how often they came, without what was accepted', () => {
  const status = look(0, 9);
  status.votes = { accepted: 9, poll_not_open: 2, already_voted: 7, not_present: 0, forbidden: 2 };

  expect(refusals(status)).toEqual([
    ['already_voted', 7],
    ['forbidden', 2],
    ['poll_not_open', 2],
  ]);
});
