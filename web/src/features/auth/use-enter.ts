// Entering: signs up where asked to, then signs in and starts the session.
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { meQuery } from '../../lib/queries';
import { startSession } from '../../lib/session';
import { signIn, signUp, type Credentials } from './api';

export type Entry = Credentials & { name: string };
export type EntryMode = 'sign-in' | 'sign-up';

/** `room` is where one signs in for, if anywhere; `signedUp` is called when the account exists but signing in did not work yet. */
export function useEnter(room: string | null, signedUp: () => void) {
  const cache = useQueryClient();

  return useMutation({
    networkMode: 'always',
    mutationFn: async ({ mode, email, password, name }: Entry & { mode: EntryMode }) => {
      if (mode === 'sign-in') return signIn({ email, password });
      await signUp({ email, name, password });
      try {
        return await signIn({ email, password });
      } catch (fault) {
        signedUp();
        throw fault;
      }
    },
    onSuccess: ({ token, user }) => {
      cache.setQueryData(meQuery(token).queryKey, user);
      startSession(token, room);
    },
  });
}
