// Following a room over the socket: joins it at every connection, keeps what it tells, and comes back from every loss.
import type { QueryClient } from '@tanstack/react-query';

import { isSessionOver } from './api';
import type { Ack, Problem, ServerEvents, Snapshot } from './contract';
import { loadEarlierAgain } from './earlier-polls';
import { makeRoomCache } from './room-cache';
import { endSession } from './session';
import type { RollcallSocket } from './socket';

/** `connecting` is the first attempt, which nobody needs to be told of; `lost` is one that failed. */
export type Link = 'connecting' | 'up' | 'lost';
export type Live = { link: Link; refusal: Problem | null };

type Wish = {
  socket: RollcallSocket;
  cache: QueryClient;
  code: string;
  token: string | null;
  as?: 'screen' | undefined;
  tell: (live: Live) => void;
};

export type Following = {
  /** Tells that the page is out of sight; asking again tells that it is back. */
  away: () => void;
  /** Asks for the whole state again, or reconnects without waiting. */
  refresh: () => void;
  stop: () => void;
};

type Handlers = Omit<ServerEvents, 'connection:sample' | 'connection:report' | 'server:stopping'> & {
  connect: () => void;
  disconnect: () => void;
  connect_error: (error: Error & { data?: Problem }) => void;
};

const ackMs = 8000;
const againMs = 3000;

export function followRoom({ socket, cache, code, token, as, tell }: Wish): Following {
  const room = makeRoomCache(cache, code, token);
  let attempt = 0;
  // From then on, what is known of the room was told to this token.
  let joined = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Unversioned events that overtake the snapshot they belong after wait here; null once it has come.
  let early: (() => void)[] | null = [];

  const whenJoined = (apply: () => unknown) => {
    if (early === null) apply();
    else early.push(apply);
  };

  const again = (act: () => void) => {
    clearTimeout(timer);
    timer = setTimeout(act, againMs);
  };

  const reconnect = () => {
    socket.disconnect().connect();
  };

  const accept = (snapshot: Snapshot) => {
    room.keepSnapshot(snapshot, joined);
    joined = true;
    const waiting = early ?? [];
    early = null;
    waiting.forEach((apply) => apply());
    void loadEarlierAgain(cache, code, token);
    tell({ link: 'up', refusal: null });
  };

  const refuse = (problem: Problem) => {
    if (isSessionOver(problem)) endSession(token, problem.code);
    if (problem.status === 429 || problem.status >= 500) again(() => void join());
    else tell({ link: 'up', refusal: problem });
  };

  const join = async () => {
    const mine = ++attempt;
    early = [];
    let answer: Ack<Snapshot>;
    try {
      const wish = { room: code, ...(as && { as }) };
      answer = (await socket.timeout(ackMs).emitWithAck('room:join', wish)) as Ack<Snapshot>;
    } catch {
      // A phone that slept may hold a connection that is long dead: no ack, so take a new one.
      if (mine === attempt && socket.connected) reconnect();
      return;
    }
    if (mine !== attempt) return;
    if (answer.ok) accept(answer);
    else refuse(answer.error);
  };

  const lose = () => {
    attempt++;
    tell({ link: 'lost', refusal: null });
    // The client comes back by itself, except after a refusal or a disconnection the server asked for.
    if (!socket.active) again(() => socket.connect());
  };

  const handlers: Handlers = {
    connect: () => void join(),
    disconnect: lose,
    connect_error: ({ data }) => {
      if (data !== undefined && isSessionOver(data)) endSession(token, data.code);
      lose();
    },
    'tally:update': room.keepResults,
    'presence:diff': (diff) => whenJoined(() => room.keepPresence(diff) && join()),
    'poll:created': (poll) => whenJoined(() => room.putPoll(poll)),
    'poll:changed': (poll) => whenJoined(() => room.putPoll(poll)),
    'poll:deleted': ({ id }) => whenJoined(() => room.dropPoll(id)),
    'room:changed': (told) => whenJoined(() => room.keepRoom(told)),
    'meeting:changed': (meeting) => whenJoined(() => room.keepMeeting(meeting)),
    // The refusal that this join gets is how the page learns that the room is gone.
    'room:deleted': () => whenJoined(join),
    'you:changed': (you) => whenJoined(() => room.keepYou(you)),
    'log:grown': ({ n, hash }) => whenJoined(() => room.keepHead({ n, hash })),
    'chat:message': room.keepMessage,
    'chat:removed': ({ id }) => whenJoined(() => room.dropMessage(id)),
    'session:ended': ({ code: why }) => endSession(token, why),
  };

  tell({ link: 'connecting', refusal: null });
  const events = Object.entries(handlers) as [keyof ServerEvents, ServerEvents[keyof ServerEvents]][];
  events.forEach(([event, handler]) => socket.on(event, handler));
  socket.connect();

  return {
    away: () => {
      if (socket.connected && token !== null && as === undefined) {
        socket.emit('presence:set', { room: code, status: 'away' }, () => undefined);
      }
    },
    refresh: () => {
      if (socket.connected) void join();
      else reconnect();
    },
    stop: () => {
      attempt++;
      clearTimeout(timer);
      events.forEach(([event, handler]) => socket.off(event, handler));
      socket.disconnect();
    },
  };
}
