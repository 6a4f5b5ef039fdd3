// Entering: signs up where asked to, then signs in and starts the session.
import { useMutation, useQueryClient } from '@tanstack/react-query';

import { Refusal } from '../../lib/api';
import { meQuery, signUpQuery } from '../../lib/queries';
import { seatIn, startSession } from '../../lib/session';
import { keepRoom, signIn, signUp, type Credentials } from './api';

export type Entry = Credentials & { name: string; invitation?: string };
export type EntryMode = 'sign-in' | 'sign-up';

/** `room` is where one signs in for, if anywhere; `signedUp` is called when the account exists but signing in did not work yet. */
export function useEnter(room: string | null, signedUp: () => void) {
  const cache = useQueryClient();

  return useMutation({
    networkMode: 'always',
    mutationFn: async (entry: Entry & { mode: EntryMode }) => {
      const entered = await enter(entry, signedUp);
      const seat = room === null ? null : seatIn(room);
      // The room that one hosts here is the account's from now on.
      if (room !== null && seat?.hosts !== undefined) await keepRoom(room, seat.token, entered.token);
      return entered;
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

async function enter({ mode, email, password, ...rest }: Entry & { mode: EntryMode }, signedUp: () => void) {
  if (mode === 'sign-in') return signIn({ email, password });
  await signUp({ email, password, ...rest });
  try {
    return await signIn({ email, password });
  } catch (fault) {
    signedUp();
    throw fault;
  }
}
