// The names under which server state lies in the query cache, and how it gets there.
import { queryOptions, skipToken, useQuery } from '@tanstack/react-query';

import { ask, Refusal } from './api';
import type { Removed } from './merge';
import type { Ballot, Head, Meeting, Message, Poll, Presence, Results, Room, User, You } from './contract';

// Told by the socket (lib/follow-room.ts), never fetched: fresh for as long as the room is followed.
const told = { queryFn: skipToken, staleTime: Infinity, gcTime: Infinity } as const;

export const roomQuery = (code: string) => queryOptions<Room>({ queryKey: ['room', code], ...told });
/** The meeting that is going on; null between meetings. */
export const meetingQuery = (code: string) => queryOptions<Meeting | null>({ queryKey: ['meeting', code], ...told });
export const pollsQuery = (code: string) => queryOptions<Poll[]>({ queryKey: ['polls', code], ...told });
/** `next`: where the list of polls goes on after those that are known, null at its end. `reach`: how far it was asked for. */
export const earlierQuery = (code: string) =>
  queryOptions<{ next: number | null; reach: number | null }>({ queryKey: ['earlier', code], ...told });
export const presenceQuery = (code: string) => queryOptions<Presence>({ queryKey: ['presence', code], ...told });
export const headQuery = (code: string) => queryOptions<Head>({ queryKey: ['head', code], ...told });
export const resultsQuery = (pollId: number) => queryOptions<Results>({ queryKey: ['results', pollId], ...told });

// What is somebody's own lies under their token, so that no answer can reach the next person at this device.
export const youQuery = (code: string, token: string | null) =>
  queryOptions<You>({ queryKey: ['mine', token, 'you', code], ...told });

export const messagesQuery = (code: string, token: string | null) =>
  queryOptions<Message[]>({ queryKey: ['mine', token, 'messages', code], ...told });

/** What was removed from the chat: a page of it that was asked for before may still bring it. */
export const removedLinesQuery = (code: string, token: string | null) =>
  queryOptions<Removed>({ queryKey: ['mine', token, 'removed-lines', code], ...told });

export const meQuery = (token: string | null) =>
  queryOptions<User>({
    queryKey: ['mine', token, 'me'],
    queryFn: token === null ? skipToken : () => ask('GET', '/auth/me', { token }),
    staleTime: Infinity,
  });

export const signUpQuery = queryOptions({
  queryKey: ['sign-up'],
  queryFn: () => ask('GET', '/auth/signup', { token: null }),
  staleTime: Infinity,
});

/** Who may sign up: everybody, until it is known. */
export const useSignUpRule = () => useQuery(signUpQuery).data?.signup ?? 'open';

/** Whether one may start a room by a name alone: not until it is known. */
export const useGuestHosts = () => useQuery(signUpQuery).data?.guest_hosts ?? false;

/** How many letters a new password has at least: a setting of the server's, 8 until it is known. */
export const useShortestPassword = () => useQuery(signUpQuery).data?.password_min ?? 8;

/** My ballot in a poll; null while I have not voted. */
export const ballotQuery = (pollId: number, token: string | null) =>
  queryOptions<Ballot | null>({
    queryKey: ['mine', token, 'ballot', pollId],
    queryFn: token === null ? skipToken : () => fetchBallot(pollId, token),
    staleTime: Infinity,
  });

async function fetchBallot(pollId: number, token: string): Promise<Ballot | null> {
  try {
    return await ask('GET', `/polls/${pollId}/ballot`, { token });
  } catch (fault) {
    if (fault instanceof Refusal && fault.problem.code === 'not_found') return null;
    throw fault;
  }
}
