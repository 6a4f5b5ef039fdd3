// Following one poll of a room over the socket: the poll that is asked for, or the one that the room shows.
import type { Ack, Poll, Results, Room, Snapshot } from '../lib/contract';
import { dropPoll, newestResults, putPoll } from '../lib/merge';
import type { RollcallSocket } from '../lib/open-socket';

/** `colour`: the room's. `missing`: there is no such room or poll, or a stranger may not see it. */
export type Shown = { poll: Poll | null; results: Results | null; colour: string | null; lost: boolean; missing: boolean };

type Wish = {
  socket: RollcallSocket;
  code: string;
  /** The poll to show; null for the room's current one. */
  pollId: number | null;
  read: <T>(path: string) => Promise<T>;
  show: (shown: Shown) => void;
};

const againMs = 3000;

export function followPoll({ socket, code, pollId, read, show }: Wish): void {
  let room: Room | null = null;
  let polls: Poll[] = [];
  const results = new Map<number, Results>();
  let lost = false;
  let missing = false;

  const tell = () => {
    const id = pollId ?? room?.current_poll;
    const poll = polls.find((each) => each.id === id) ?? null;
    show({ poll, results: (poll && results.get(poll.id)) ?? null, colour: room?.colour ?? null, lost, missing });
  };
  const keepResults = (told: Results) => results.set(told.poll, newestResults(results.get(told.poll), told));

  /** A poll that the room's snapshot is too short for. */
  const readEarlier = async (id: number) => {
    try {
      const [poll, told] = await Promise.all([read<Poll>(`/polls/${id}`), read<Results>(`/polls/${id}/results`)]);
      if (poll.room !== code) throw new Error('a poll of another room');
      polls = putPoll(polls, poll);
      keepResults(told);
    } catch {
      missing = true;
    }
    tell();
  };

  const accept = (snapshot: Snapshot) => {
    ({ room, polls } = snapshot);
    [lost, missing] = [false, false];
    Object.values(snapshot.results).forEach(keepResults);
    const id = pollId ?? room.current_poll;
    if (id !== null && !polls.some((poll) => poll.id === id)) void readEarlier(id);
    else tell();
  };

  const join = async () => {
    try {
      const answer = (await socket.timeout(8000).emitWithAck('room:join', { room: code, as: 'screen' })) as Ack<Snapshot>;
      if (answer.ok) {
        accept(answer);
        return;
      }
      if (answer.error.status === 429 || answer.error.status >= 500) setTimeout(() => void join(), againMs);
      else missing = true;
    } catch {
      if (socket.connected) socket.disconnect().connect();
    }
    tell();
  };

  const lose = () => {
    lost = true;
    tell();
    // The client comes back by itself, except after a refusal or where the server ended the connection.
    if (!socket.active) setTimeout(() => socket.connect(), againMs);
  };
  const change = (poll: Poll) => {
    polls = putPoll(polls, poll);
    tell();
  };

  socket.on('connect', () => void join());
  socket.on('disconnect', lose);
  socket.on('connect_error', lose);
  socket.on('tally:update', (told) => {
    keepResults(told);
    tell();
  });
  socket.on('poll:created', change);
  socket.on('poll:changed', change);
  socket.on('poll:deleted', ({ id }) => {
    polls = dropPoll(polls, id);
    tell();
  });
  socket.on('room:changed', (told) => {
    room = told;
    tell();
  });
  socket.on('room:deleted', () => void join());
  socket.connect();
}
