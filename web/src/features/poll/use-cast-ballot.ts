// How far the casting of a ballot has come, and the way to start it.
import { useIsMutating, useMutation, useQueryClient } from '@tanstack/react-query';

import type { Poll } from '../../lib/contract';
import { makeUuid } from '../../lib/ids';
import { castOptions } from './cast-options';

export function useCastBallot(poll: Poll, token: string | null) {
  const cache = useQueryClient();
  const options = castOptions(cache, poll);
  const { mutationKey } = options;
  // Also an attempt that was begun before the page was left and is still under way.
  const inFlight = useIsMutating({ mutationKey }) > 0;
  const { mutate, data, error, failureCount, reset, status, variables } = useMutation(options);

  const cast = (choices: number[], token: string, done: () => void) => {
    // Asked of the cache, not of the last render: two quick taps are one ballot.
    if (cache.isMutating({ mutationKey }) > 0) return;
    mutate({ key: makeUuid(), choices, token }, { onSuccess: done });
  };

  const isMine = variables?.token === token;

  return {
    cast,
    inFlight,
    repeating: inFlight && failureCount > 0,
    settled: status === 'success' || status === 'error',
    answer: isMine ? data : undefined,
    fault: isMine ? error : null,
    forget: reset,
  };
}
