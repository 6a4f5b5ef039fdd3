// Where what is told of one room lies in the query cache, and by which rule it gets there.
import { notifyManager, type QueryClient } from '@tanstack/react-query';

import type { Head, Meeting, Message, Poll, PollsPart, PresenceDiff, Results, Room, Snapshot, You } from './contract';
import {
  applyPresence,
  currentMeeting,
  dropPoll,
  keepEarlierPolls,
  keepLastMessages,
  mergeMessages,
  mergeYou,
  newestResults,
  putPoll,
  withoutRemoved,
  type Removed,
} from './merge';
import {
  earlierQuery,
  headQuery,
  meetingQuery,
  messagesQuery,
  pollsQuery,
  presenceQuery,
  removedLinesQuery,
  resultsQuery,
  roomQuery,
  youQuery,
} from './queries';
import { noteServerTime } from './server-clock';

/** Writes for the room `code` as the holder of `token` sees it. */
export function makeRoomCache(cache: QueryClient, code: string, token: string | null) {
  const keepRoom = (room: Room) => cache.setQueryData(roomQuery(code).queryKey, room);
  const keepMeeting = (meeting: Meeting | null) =>
    cache.setQueryData(meetingQuery(code).queryKey, (kept) => currentMeeting(kept ?? null, meeting));
  const keepYou = (you: You) => cache.setQueryData(youQuery(code, token).queryKey, (kept) => mergeYou(kept, you));

  /** A log only grows; a snapshot's head holds in any case, for a backup may have been restored. */
  const keepHead = (head: Head) =>
    cache.setQueryData(headQuery(code).queryKey, (kept) => (kept !== undefined && kept.n > head.n ? kept : head));

  const keepResults = (results: Results) => {
    noteServerTime(results.server_time);
    cache.setQueryData(resultsQuery(results.poll).queryKey, (kept) => newestResults(kept, results));
  };

  const changeMessages = (change: (messages: Message[]) => Message[]) =>
    cache.setQueryData(messagesQuery(code, token).queryKey, (messages) => change(messages ?? []));

  const removed = (): Removed => cache.getQueryData(removedLinesQuery(code, token).queryKey) ?? { count: 0, ids: [] };

  const keepRemoved = (told: Removed) => cache.setQueryData(removedLinesQuery(code, token).queryKey, told);

  /** A host has removed it: it goes, and no page of the chat that is still on its way brings it back. */
  const dropMessage = (id: number) => {
    const { count, ids } = removed();
    if (!ids.includes(id)) keepRemoved({ count: count + 1, ids: [...ids, id] });
    changeMessages((messages) => withoutRemoved(messages, removed()));
  };

  /** A page of the chat that was asked for over HTTP. */
  const keepMessages = (messages: Message[]) =>
    changeMessages((kept) => mergeMessages(kept, withoutRemoved(messages, removed())));

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

  /** All of it is told to the page at once, which is then drawn once. `again`: it is not the first for this token. */
  const keepSnapshot = (snapshot: Snapshot, again: boolean) => notifyManager.batch(() => keepParts(snapshot, again));

  /** A part of the list of polls, as it was asked for over HTTP. */
  const keepPart = ({ items, results, you }: PollsPart) =>
    notifyManager.batch(() => {
      Object.values(results ?? {}).forEach(keepResults);
      if (you !== undefined) keepYou(you);
      changePolls((polls) => items.reduce(putPoll, polls));
    });

  const keepParts = (snapshot: Snapshot, again: boolean) => {
    const { server_time, room, meeting, polls, polls_next: next, presence, you, results, messages, messages_removed: count, log } = snapshot;
    noteServerTime(server_time);
    keepRoom(room);
    cache.setQueryData(meetingQuery(code).queryKey, meeting);
    keepYou(you);
    changePolls((kept) => keepEarlierPolls(again ? kept : [], polls, next));
    cache.setQueryData(earlierQuery(code).queryKey, (kept) => ({ next, reach: again ? (kept?.reach ?? null) : null }));
    cache.setQueryData(headQuery(code).queryKey, log);
    // A restarted server counts its `seq` anew: what a snapshot says of presence always holds.
    cache.setQueryData(presenceQuery(code).queryKey, presence);
    const missed = removed().count !== count;
    keepRemoved({ ...removed(), count });
    changeMessages((kept) => keepLastMessages(kept, withoutRemoved(messages, removed()), missed));
    Object.values(results).forEach(keepResults);
  };

  return {
    ...{ keepRoom, keepMeeting, keepYou, keepHead, keepResults, keepPresence, keepSnapshot, keepPart },
    ...{ keepMessages, dropMessage },
    putPoll: (poll: Poll) => changePolls((polls) => putPoll(polls, poll)),
    keepMessage: (message: Message) => keepMessages([message]),
    dropPoll: (pollId: number) => changePolls((polls) => dropPoll(polls, pollId)),
  };
}
