// Where what is told of one room lies in the query cache, and by which rule it gets there.
import { notifyManager, type QueryClient } from '@tanstack/react-query';

import type { Head, Meeting, Message, Poll, PresenceDiff, Results, Room, Snapshot, You } from './contract';
import { applyPresence, currentMeeting, dropPoll, keepLastMessages, mergeMessages, newestResults, putPoll } from './merge';
import { headQuery, meetingQuery, messagesQuery, pollsQuery, presenceQuery, resultsQuery, roomQuery, youQuery } from './queries';
import { noteServerTime } from './server-clock';

/** Writes for the room `code` as the holder of `token` sees it. */
export function makeRoomCache(cache: QueryClient, code: string, token: string | null) {
  const keepRoom = (room: Room) => cache.setQueryData(roomQuery(code).queryKey, room);
  const keepMeeting = (meeting: Meeting | null) =>
    cache.setQueryData(meetingQuery(code).queryKey, (kept) => currentMeeting(kept ?? null, meeting));
  const keepYou = (you: You) => cache.setQueryData(youQuery(code, token).queryKey, you);

  /** A log only grows; a snapshot's head holds in any case, for a backup may have been restored. */
  const keepHead = (head: Head) =>
    cache.setQueryData(headQuery(code).queryKey, (kept) => (kept !== undefined && kept.n > head.n ? kept : head));

  const keepResults = (results: Results) => {
    noteServerTime(results.server_time);
    cache.setQueryData(resultsQuery(results.poll).queryKey, (kept) => newestResults(kept, results));
  };

  const changeMessages = (change: (messages: Message[]) => Message[]) =>
    cache.setQueryData(messagesQuery(code, token).queryKey, (messages) => change(messages ?? []));

  const changePolls = (change: (polls: Poll[]) => Poll[]) =>
    cache.setQueryData(pollsQuery(code).queryKey, (polls) => change(polls ?? []));

  /** Returns whether diffs were missed in between. */
  const keepPresence = (told: PresenceDiff): boolean => {
    const { queryKey } = presenceQuery(code);
    const kept = cache.getQueryData(queryKey);
    if (kept === undefined) return false;
    const { presence, gap } = applyPresence(kept, told);
    cache.setQueryData(queryKey, presence);
    return gap;
  };

  /** All of it is told to the page at once, which is then drawn once. */
  const keepSnapshot = (snapshot: Snapshot) => notifyManager.batch(() => keepParts(snapshot));

  const keepParts = ({ server_time, room, meeting, polls, presence, you, results, messages, log }: Snapshot) => {
    noteServerTime(server_time);
    keepRoom(room);
    cache.setQueryData(meetingQuery(code).queryKey, meeting);
    keepYou(you);
    changePolls(() => polls);
    cache.setQueryData(headQuery(code).queryKey, log);
    // A restarted server counts its `seq` anew: what a snapshot says of presence always holds.
    cache.setQueryData(presenceQuery(code).queryKey, presence);
    changeMessages((kept) => keepLastMessages(kept, messages));
    Object.values(results).forEach(keepResults);
  };

  return {
    ...{ keepRoom, keepMeeting, keepYou, keepHead, keepResults, keepPresence, keepSnapshot },
    putPoll: (poll: Poll) => changePolls((polls) => putPoll(polls, poll)),
    keepMessage: (message: Message) => changeMessages((messages) => mergeMessages(messages, [message])),
    dropPoll: (pollId: number) => changePolls((polls) => dropPoll(polls, pollId)),
  };
}
