// Casting: one attempt is one key and one body, however often it has to be sent.
import { mutationOptions, type QueryClient } from '@tanstack/react-query';

import { ask, Refusal } from '../../lib/api';
import type { Cast, Poll } from '../../lib/contract';
import { ballotQuery, youQuery } from '../../lib/queries';
import { repeatDelayMs, shouldRepeat } from './casting';

/** The token is part of the attempt: a late retry must never vote for the next person at this device. */
export type Attempt = { key: string; choices: number[]; token: string };

export function castOptions(cache: QueryClient, poll: Poll) {
  const markVoted = (token: string) => {
    cache.setQueryData(youQuery(poll.room, token).queryKey, (you) => {
      const standing = you?.polls[poll.id] ?? { can_vote: true, reason: null };
      return you && { ...you, polls: { ...you.polls, [poll.id]: { ...standing, voted: true } } };
    });
  };

  return mutationOptions({
    mutationKey: ['cast', poll.id],
    // Not a question of the browser's idea of being online: a hall's LAN may have no internet.
    networkMode: 'always',
    mutationFn: ({ key, choices, token }: Attempt) =>
      ask<Cast>('PUT', `/polls/${poll.id}/ballot`, {
        body: { choices },
        headers: { 'Idempotency-Key': key },
        token,
        timeoutSeconds: 10,
      }),
    retry: shouldRepeat,
    retryDelay: (failures, fault) => repeatDelayMs(failures, fault, Math.random()),
    onSuccess: ({ receipt }, { choices, token }) => {
      cache.setQueryData(ballotQuery(poll.id, token).queryKey, () => ({ poll: poll.id, choices, receipt }));
      markVoted(token);
    },
    onError: (fault, { token }) => {
      // Another device of mine was quicker: show the ballot that stands.
      const outrun = fault instanceof Refusal && ['already_voted', 'stale'].includes(fault.problem.code);
      if (!outrun) return;
      markVoted(token);
      void cache.invalidateQueries(ballotQuery(poll.id, token));
    },
  });
}
