// How far the casting of a ballot has come, and the way to start it.
import { useIsMutating, useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import type { Marks, Poll } from '../../lib/contract';
import { castBy } from '../../lib/casts';
import { makeUuid } from '../../lib/ids';
import { castOptions } from './cast-options';
import { recallAttempt } from './keeping';

export function useCastBallot(poll: Poll, token: string | null) {
  const cache = useQueryClient();
  const options = castOptions(cache, poll);
  const { mutationKey } = options;
  // Also an attempt that was begun before the page was left and is still under way.
  const inFlight = useIsMutating({ mutationKey, predicate: castBy(token) }) > 0;
  const { mutate, data, error, failureCount, reset, status, variables } = useMutation(options);

  // One that was under way when the page was reloaded: the same key, so that it counts once whatever came of it.
  useEffect(() => {
    const attempt = recallAttempt(poll, token);
    if (attempt !== null && cache.isMutating({ mutationKey, predicate: castBy(token) }) === 0) mutate(attempt);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a poll that changed is the same poll
  }, [cache, mutate, poll.id, token]);

  const cast = (marks: Marks, token: string, over: string | null | undefined, done: () => void) => {
    // Asked of the cache, not of the last render: two quick taps are one ballot.
    if (cache.isMutating({ mutationKey, predicate: castBy(token) }) > 0) return;
    mutate({ key: makeUuid(), marks, token, ...(over !== undefined && { over }) }, { onSuccess: done });
  };

  const isMine = variables?.token === token;

  return {
    cast,
    inFlight,
    repeating: inFlight && failureCount > 0,
    settled: isMine && (status === 'success' || status === 'error'),
    answer: isMine ? data : undefined,
    fault: isMine ? error : null,
    forget: reset,
  };
}
