// Sends ballots again that were under way when the page was reloaded, whichever poll is in sight.
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { castBy } from '../../lib/casts';
import type { Poll } from '../../lib/contract';
import { useSession } from '../../lib/session';
import { castOptions } from './cast-options';
import { recallAttempt } from './keeping';

/** A poll in sight sends its own ballot before; see `useCastBallot`. */
export function useUnsentCasts(polls: Poll[]): void {
  const cache = useQueryClient();
  const { token } = useSession();

  useEffect(() => {
    for (const poll of polls) sendAgain(cache, poll, token);
  }, [cache, polls, token]);
}

function sendAgain(cache: QueryClient, poll: Poll, token: string | null): void {
  const attempt = recallAttempt(poll, token);
  const options = castOptions(cache, poll);
  if (attempt === null || cache.isMutating({ mutationKey: options.mutationKey, predicate: castBy(token) }) > 0) return;
  // Its end is told by the poll, which knows of the ballot then.
  void cache.getMutationCache().build(cache, options).execute(attempt).catch(() => undefined);
}
