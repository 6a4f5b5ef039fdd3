// Entering: signs up where asked to, then signs in and starts the session.
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { Refusal } from '../../lib/api';
import { meQuery, signUpQuery } from '../../lib/queries';
import { startSession } from '../../lib/session';
import { signIn, signUp, type Credentials } from './api';

export type Entry = Credentials & { name: string; invitation?: string };
export type EntryMode = 'sign-in' | 'sign-up';

/** `room` is where one signs in for, if anywhere; `signedUp` is called when the account exists but signing in did not work yet. */
export function useEnter(room: string | null, signedUp: () => void) {
  const cache = useQueryClient();

  return useMutation({
    networkMode: 'always',
    mutationFn: async ({ mode, email, password, ...rest }: Entry & { mode: EntryMode }) => {
      if (mode === 'sign-in') return signIn({ email, password });
      await signUp({ email, password, ...rest });
      try {
        return await signIn({ email, password });
      } catch (fault) {
        signedUp();
        throw fault;
      }
    },
    onError: (fault) => {
      // Who may sign up was changed since the page asked.
      if (fault instanceof Refusal && fault.problem.code === 'forbidden') void cache.invalidateQueries(signUpQuery);
    },
    onSuccess: ({ token, user }) => {
      cache.setQueryData(meQuery(token).queryKey, user);
      startSession(token, room);
    },
  });
}
