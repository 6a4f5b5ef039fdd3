// Casting: one attempt is one key and one body, however often it has to be sent.
import { mutationOptions, type QueryClient } from '@tanstack/react-query';

import { ask, Refusal } from '../../lib/api';
import type { Ballot, Poll } from '../../lib/contract';
import { ballotQuery, youQuery } from '../../lib/queries';
import { buzz } from '../../lib/buzz';
import { castKey } from '../../lib/casts';
import { noteServerTime } from '../../lib/server-clock';
import { isHeld } from '../../lib/session';
import { sound } from '../../lib/sound';
import { repeatDelayMs, shouldRepeat } from './casting';
import { forgetKept, forgetReceipt, keepAttempt, keepReceipt, type Attempt } from './keeping';

/** The voter has left this device, or gave way to another, before the ballot was sent. */
class Left extends Error {
  override name = 'Left';
}

/** What waited here must not replace a newer ballot from another device. */
function conditionOf(over: string | null | undefined): Record<string, string> {
  if (over === undefined) return {};
  return over === null ? { 'If-None-Match': '*' } : { 'If-Match': `"${over}"` };
}

export function castOptions(cache: QueryClient, poll: Poll) {
  const personOf = (token: string) => cache.getQueryData(youQuery(poll.room, token).queryKey)?.person ?? null;

  /** At once, or when the room has said whose token it is: one who has just signed up may vote before that. */
  const whenKnown = (token: string, then: (person: string) => void) => {
    const look = () => {
      const person = personOf(token);
      if (person === null) return;
      stop();
      then(person);
    };
    const stop = cache.getQueryCache().subscribe(look);
    look();
  };

  const markVoted = (token: string) => {
    cache.setQueryData(youQuery(poll.room, token).queryKey, (you) => {
      const standing = you?.polls[poll.id] ?? { can_vote: true, reason: null };
      return you && { ...you, polls: { ...you.polls, [poll.id]: { ...standing, voted: true } } };
    });
  };

  return mutationOptions({
    mutationKey: [castKey, poll.id],
    // Not a question of the browser's idea of being online: a hall's LAN may have no internet.
    networkMode: 'always',
    // A page that is reloaded before the answer goes on with the same key.
    onMutate: (attempt: Attempt) => keepAttempt(poll, attempt),
    mutationFn: async ({ key, marks, token, over }: Attempt) => {
      if (!isHeld(token)) throw new Left();
      return ask('PUT', `/polls/${poll.id}/ballot`, {
        body: marks,
        headers: { 'Idempotency-Key': key, ...conditionOf(over) },
        token,
        timeoutSeconds: 10,
      });
    },
    retry: shouldRepeat,
    retryDelay: (failures, fault) => repeatDelayMs(failures, fault, Math.random()),
    onSuccess: ({ receipt, server_time }, { marks, token }) => {
      noteServerTime(server_time);
      buzz();
      sound('receipt');
      forgetKept('draft', poll);
      whenKnown(token, (person) => keepReceipt(poll, person, receipt));
      cache.setQueryData(ballotQuery(poll.id, token).queryKey, (): Ballot => ({ poll: poll.id, voted: true, ...marks, receipt }));
      markVoted(token);
    },
    onError: (fault, { token }) => {
      // Another device of mine was quicker: show the ballot that stands.
      const outrun = fault instanceof Refusal && ['already_voted', 'stale'].includes(fault.problem.code);
      if (!outrun) return;
      markVoted(token);
      whenKnown(token, (person) => forgetReceipt(poll, person));
      void cache.invalidateQueries(ballotQuery(poll.id, token));
    },
    // After a leave nothing is kept of it, and what is there is the next person's.
    onSettled: (_, fault) => {
      if (!(fault instanceof Left)) forgetKept('attempt', poll);
    },
  });
}
