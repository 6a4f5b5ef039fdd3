import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Poll, PollsPart, Results, Snapshot } from './contract';
import { loadEarlier, loadEarlierAgain, loadPoll } from './earlier-polls';
import { earlierQuery, pollsQuery, resultsQuery, youQuery } from './queries';
import { makeRoomCache } from './room-cache';
import { startSession } from './session';

const poll = (id: number, title = '') => ({ id, title, state: 'closed' }) as Poll;
const chance = { voted: true, can_vote: false, reason: 'poll_not_open' };

/** A server that has polls 1 to `count`; it notes what it was asked. */
let asked: string[];
let titles: string;

function serve(path: string): PollsPart {
  asked.push(path);
  const query = new URLSearchParams(path.split('?')[1]);
  const [before, limit] = [Number(query.get('cursor')), Number(query.get('limit'))];
  const ids = Array.from({ length: limit }, (_, place) => before - 1 - place).filter((id) => id > 0);
  const last = ids.at(-1);
  return {
    items: ids.map((id) => poll(id, titles)),
    next: last !== undefined && last > 1 ? last : null,
    results: Object.fromEntries(ids.map((id) => [id, { poll: id, epoch: 1, version: 1 } as Results])),
    you: { person: 'u1', row: null, muted: null, role: 'voter', polls: Object.fromEntries(ids.map((id) => [id, chance])) },
  };
}

let cache: QueryClient;

const join = (ids: number[], next: number | null, again: boolean) =>
  makeRoomCache(cache, 'lobby', 'T').keepSnapshot(
    {
      ...{ server_time: '2026-11-20T09:00:00.000Z', room: {}, meeting: null, presence: {}, results: {}, messages: [] },
      ...{ log: { n: 0, hash: '' }, you: { person: 'u1', row: null, muted: null, role: 'voter', polls: {} } },
      ...{ polls: ids.map((id) => poll(id)), polls_next: next },
    } as unknown as Snapshot,
    again,
  );

const known = () => cache.getQueryData(pollsQuery('lobby').queryKey)?.map(({ id }) => id);
const place = () => cache.getQueryData(earlierQuery('lobby').queryKey);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at);

beforeEach(() => {
  cache = new QueryClient();
  [asked, titles] = [[], 'then'];
  startSession('T');
  vi.stubGlobal('fetch', (path: string) => Promise.resolve(new Response(JSON.stringify(serve(path)))));
});

afterEach(() => {
  vi.unstubAllGlobals();
  cache.clear();
});

test('earlier polls come with their results and with what one may do', async () => {
  join([49, 50], 49, false);

  await expect(loadEarlier(cache, 'lobby', 'T')).resolves.toBe(20);

  expect(known()).toEqual(range(29, 50));
  expect(place()?.next).toBe(29);
  expect(cache.getQueryData(resultsQuery(30).queryKey)?.poll).toBe(30);
  expect(cache.getQueryData(youQuery('lobby', 'T').queryKey)?.polls['30']).toEqual(chance);
});

test('asks on until a poll comes that was not known', async () => {
  join([...range(30, 48), 50], 50, false);

  await expect(loadEarlier(cache, 'lobby', 'T')).resolves.toBe(1);
  await expect(loadEarlier(cache, 'lobby', 'T')).resolves.toBe(20);

  expect(asked).toHaveLength(2);
});

test('asks for nothing at the end of the list', async () => {
  join([20, 21], 20, false);

  await loadEarlier(cache, 'lobby', 'T');
  await expect(loadEarlier(cache, 'lobby', 'T')).resolves.toBe(0);

  expect([place()?.next, known(), asked.length]).toEqual([null, range(1, 21), 1]);
});

test('what was shown stays after a lost connection, and is asked for again', async () => {
  join([49, 50], 49, false);
  await loadEarlier(cache, 'lobby', 'T');
  titles = 'now';

  join([59, 60], 59, true);
  expect(known()).toEqual([...range(29, 50), 59, 60]);
  await loadEarlierAgain(cache, 'lobby', 'T');

  expect(known()?.slice(-32)).toEqual(range(29, 60));
  expect(cache.getQueryData(pollsQuery('lobby').queryKey)?.find(({ id }) => id === 40)?.title).toBe('now');
});

test('asks for nothing again where nothing was asked for', async () => {
  join([49, 50], 49, false);

  await loadEarlierAgain(cache, 'lobby', 'T');

  expect(asked).toEqual([]);
});

test('nothing stays for the next person at this device', async () => {
  join([49, 50], 49, false);
  await loadEarlier(cache, 'lobby', 'T');

  join([49, 50], 49, false);

  expect(known()).toEqual([49, 50]);
  expect(place()).toEqual({ next: 49, reach: null });
});

test('one poll is asked for by its id', async () => {
  join([49, 50], 49, false);

  await expect(loadPoll(cache, 'lobby', 'T', 7)).resolves.toMatchObject({ id: 7 });
  await expect(loadPoll(cache, 'lobby', 'T', 0)).resolves.toBeNull();

  expect(known()).toEqual([7, 49, 50]);
});
