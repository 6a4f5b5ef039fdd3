// What only hosts are told, by name in the query cache; the socket does not carry it, so it is asked again when it may have changed.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';

import type { ClaimCode } from '../../lib/contract';
import {
  fetchAttendance,
  fetchBarred,
  fetchElectorate,
  fetchNewcomers,
  fetchPeople,
  fetchRecord,
  fetchRecount,
  fetchRemoved,
  fetchResults,
  fetchRoll,
  fetchTurnout,
  fetchVisits,
} from './api';

/** Another host at another desk may be checking people in. */
const askAgainSeconds = 5;

/** A list of thousands is a megabyte: such a hall waits longer for what is new in it. */
const waitByLength = ({ state }: { state: { data?: readonly unknown[] | undefined } }) =>
  askAgainSeconds * 1000 * Math.ceil(((state.data?.length ?? 0) + 1) / 500);

type Mine = string | null;

export const rollQuery = (code: string, token: Mine) =>
  queryOptions({
    queryKey: ['mine', token, 'roll', code],
    queryFn: () => fetchRoll(code),
    refetchInterval: waitByLength,
  });

/** Who was removed from the roll, and can be restored. */
export const removedQuery = (code: string, token: Mine) =>
  queryOptions({ queryKey: ['mine', token, 'removed', code], queryFn: () => fetchRemoved(code) });

/** Who has a vote in an opened poll for the roll: it changes with each admission. */
export const electorateQuery = (pollId: number, token: Mine, admitted: number) =>
  queryOptions({
    queryKey: ['mine', token, 'electorate', pollId, admitted],
    queryFn: () => fetchElectorate(pollId),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });

/** Claim codes are told once: they stay here until the page is left. */
export const slipsQuery = (code: string, token: Mine) =>
  queryOptions<ClaimCode[]>({ queryKey: ['mine', token, 'slips', code], staleTime: Infinity, gcTime: Infinity });

export const peopleQuery = (code: string, token: Mine, seq: number) =>
  queryOptions({
    queryKey: ['mine', token, 'people', code, seq],
    queryFn: () => fetchPeople(code),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });

export const attendanceQuery = (code: string, token: Mine, seq: number) =>
  queryOptions({
    queryKey: ['mine', token, 'attendance', code, seq],
    queryFn: () => fetchAttendance(code),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });

/** Who was ever here, where a poll is run: not asked for at each arrival, as in its own place. */
export const visitsQuery = (code: string, token: Mine) =>
  queryOptions({
    queryKey: ['mine', token, 'visits', code],
    queryFn: () => fetchVisits(code),
    refetchInterval: waitByLength,
  });

export const barredQuery = (code: string, token: Mine) =>
  queryOptions({ queryKey: ['mine', token, 'barred', code], queryFn: () => fetchBarred(code) });

/** The last 200 accounts made since a poll opened. */
export const newcomersQuery = (pollId: number, token: Mine) =>
  queryOptions({
    queryKey: ['mine', token, 'newcomers', pollId],
    queryFn: () => fetchNewcomers(pollId),
    refetchInterval: waitByLength,
  });

export const turnoutQuery = (pollId: number, token: Mine, version: number) =>
  queryOptions({
    queryKey: ['mine', token, 'turnout', pollId, version],
    queryFn: () => fetchTurnout(pollId),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });

/** The host's own view of a closed poll: what is told to all hides the tally until it is published. */
export const hostResultsQuery = (pollId: number, token: Mine, version: number) =>
  queryOptions({
    queryKey: ['mine', token, 'results', pollId, version],
    queryFn: () => fetchResults(pollId),
    placeholderData: keepPreviousData,
  });

export const recordQuery = (pollId: number, token: Mine) =>
  queryOptions({ queryKey: ['mine', token, 'record', pollId], queryFn: () => fetchRecord(pollId), staleTime: Infinity });

/** A closed poll's ballots never change. */
export const recountQuery = (pollId: number, rule: 'irv' | 'schulze', token: Mine) =>
  queryOptions({
    queryKey: ['mine', token, 'recount', pollId, rule],
    queryFn: () => fetchRecount(pollId, rule),
    staleTime: Infinity,
  });
