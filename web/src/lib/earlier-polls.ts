// Polls that a snapshot leaves out: asked for over HTTP, newest first, and kept beside those that it holds.
import type { QueryClient } from '@tanstack/react-query';

import { ask } from './api';
import type { Poll } from './contract';
import { earlierQuery, pollsQuery } from './queries';
import { makeRoomCache } from './room-cache';
import { getSession } from './session';

/** As many are asked for at once: on demand, and again after a lost connection. */
const [partLength, againLength] = [20, 100];

type Wish = { count: number; isEnough: (next: number) => boolean };

/** Goes on with the list until it is enough; a snapshot that comes meanwhile says anew where it goes on. */
async function goOn(cache: QueryClient, code: string, token: string | null, { count, isEnough }: Wish): Promise<void> {
  const { queryKey } = earlierQuery(code);
  const nextOf = () => cache.getQueryData(queryKey)?.next ?? null;
  for (let next = nextOf(); next !== null && !isEnough(next); next = nextOf()) {
    const part = await askPart(code, token, next, count);
    if (getSession().token !== token) return;
    if (nextOf() !== next) continue;
    makeRoomCache(cache, code, token).keepPart(part);
    const reached = part.next === null ? null : Number(part.next);
    cache.setQueryData(queryKey, (kept) => ({ next: reached, reach: Math.min(kept?.reach ?? next, reached ?? 1) }));
  }
}

const askPart = (code: string, token: string | null, before: number, count: number) =>
  ask('GET', `/rooms/${code}/polls?sort=-id&results=1&cursor=${before}&limit=${count}`, { token });

const countPolls = (cache: QueryClient, code: string) => cache.getQueryData(pollsQuery(code).queryKey)?.length ?? 0;

/** Asks for more of the earlier polls; returns how many came that were not known. */
export async function loadEarlier(cache: QueryClient, code: string, token: string | null): Promise<number> {
  const before = countPolls(cache, code);
  await goOn(cache, code, token, { count: partLength, isEnough: () => countPolls(cache, code) > before });
  return countPolls(cache, code) - before;
}

/** Asks again for those that were asked for before the connection was lost: they may have changed meanwhile. */
export async function loadEarlierAgain(cache: QueryClient, code: string, token: string | null): Promise<void> {
  const reach = cache.getQueryData(earlierQuery(code).queryKey)?.reach ?? null;
  // What fails is asked for by the button, which is still there.
  if (reach !== null) {
    await goOn(cache, code, token, { count: againLength, isEnough: (next) => next <= reach }).catch(() => undefined);
  }
}

/** One poll of the room, which may be any of its polls; null where there is none. */
export async function loadPoll(cache: QueryClient, code: string, token: string | null, id: number): Promise<Poll | null> {
  const part = await askPart(code, token, id + 1, 1);
  if (part.items[0]?.id !== id) return null;
  makeRoomCache(cache, code, token).keepPart(part);
  return part.items[0];
}
