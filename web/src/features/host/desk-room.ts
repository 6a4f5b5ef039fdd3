// Which room this desk is of, and how its parts tell what was done.
import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';

import type { Meeting, Poll, Room } from '../../lib/contract';
import { makeRoomCache } from '../../lib/room-cache';
import type { NoticeOptions } from './notice';

export type Desk = {
  code: string;
  room: Room;
  token: string | null;
  /** Says a sentence where every part of the desk says what was done. */
  say: (sentence: string, options?: NoticeOptions) => void;
};

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error('not at a desk');
  return desk;
}

/** What an answer told is known at once, before the socket tells everybody. */
export function useKeep() {
  const { code, token } = useDesk();
  const room = makeRoomCache(useQueryClient(), code, token);
  return {
    keepMeeting: (told: Meeting) => void room.keepMeeting(told),
    keepRoom: (told: Room) => void room.keepRoom(told),
    keepPoll: (told: Poll) => void room.putPoll(told),
    dropPoll: (pollId: number) => void room.dropPoll(pollId),
  };
}
