import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { Message, Poll, Presence, Problem, Results, Snapshot } from './contract';
import { followRoom, type Live } from './follow-room';
import { messagesQuery, pollsQuery, presenceQuery, resultsQuery, roomQuery, youQuery } from './queries';
import { makeRoomCache } from './room-cache';
import { getSession, startSession } from './session';
import type { RollcallSocket } from './socket';

type Handler = (body?: unknown) => void;

/** A socket that answers nothing until told to. */
class FakeSocket {
  connected = false;
  active = true;
  connect = vi.fn(() => this);
  joins: { body: unknown; settle: (answer: unknown) => void; fail: () => void }[] = [];
  handlers = new Map<string, Handler>();

  on(event: string, handler: Handler) {
    this.handlers.set(event, handler);
  }
  off(event: string, handler: Handler) {
    if (this.handlers.get(event) === handler) this.handlers.delete(event);
  }
  disconnect = vi.fn(() => {
    this.connected = false;
    return this;
  });
  timeout() {
    return {
      emitWithAck: (_: string, body: unknown) =>
        new Promise((resolve, reject) =>
          this.joins.push({ body, settle: resolve, fail: () => reject(new Error('timeout')) }),
        ),
    };
  }
  emit = vi.fn();
  tell(event: string, body?: unknown) {
    this.handlers.get(event)?.(body);
  }
  open() {
    this.connected = true;
    this.tell('connect');
  }
  drop() {
    this.connected = false;
    this.tell('disconnect');
  }
  async answer(answer: unknown, index = this.joins.length - 1) {
    this.joins[index]?.settle(answer);
    await vi.advanceTimersByTimeAsync(0);
  }
}

const quorum = { required: null, present: 0, met: null };
const presence = (seq: number): Presence => ({ seq, online: seq, present: seq, quorum, people: null });
const poll = (over: Partial<Poll> = {}) => ({ id: 7, room: 'lobby', state: 'open', ...over }) as Poll;
const results = (version: number) => ({ poll: 7, epoch: 1, version }) as Results;
const snapshot = (over: Partial<Snapshot> = {}) => ({
  ok: true,
  you: { person: null, role: null, polls: {} },
  room: { code: 'lobby', name: 'Lobby', visibility: 'public', current_poll: 7 },
  meeting: null,
  presence: presence(5),
  polls: [poll()],
  polls_next: null,
  results: { '7': results(3) },
  messages: [] as Message[],
  messages_removed: 0,
  ...over,
});
const problem = (code: Problem['code'], status: number): Problem => ({
  type: '',
  title: '',
  detail: code,
  code,
  status,
});

let socket: FakeSocket;
let cache: QueryClient;
let told: Live[];

const follow = (over: { token?: string; as?: 'screen' } = {}) =>
  followRoom({
    socket: socket as unknown as RollcallSocket,
    cache,
    code: 'lobby',
    token: over.token ?? null,
    as: over.as,
    tell: (live) => told.push(live),
  });

beforeEach(() => {
  vi.useFakeTimers();
  socket = new FakeSocket();
  cache = new QueryClient();
  told = [];
});

afterEach(() => {
  vi.useRealTimers();
  cache.clear();
});

describe('a removed message', () => {
  const line = (id: number) => ({ id, text: `text ${id}` }) as Message;
  const shown = () => cache.getQueryData(messagesQuery('lobby', null).queryKey)?.map(({ id }) => id);

  test('goes, and an earlier answer that still has it does not bring it back', async () => {
    follow();
    socket.open();
    await socket.answer(snapshot({ messages: [line(1), line(2)] }));

    socket.tell('chat:removed', { room: 'lobby', id: 1 });
    makeRoomCache(cache, 'lobby', null).keepMessages([line(0), line(1)]);

    expect(shown()).toEqual([0, 2]);
  });

  test('goes although it was removed while the connection was lost', async () => {
    follow();
    socket.open();
    await socket.answer(snapshot({ messages: [line(5), line(6)] }));
    makeRoomCache(cache, 'lobby', null).keepMessages([line(1), line(2)]);

    socket.open();
    await socket.answer(snapshot({ messages: [line(5), line(6)], messages_removed: 1 }));

    expect(shown()).toEqual([5, 6]);
  });
});

describe('joining', () => {
  test('writes the snapshot into the cache', async () => {
    follow({ token: 'T' });

    socket.open();
    await socket.answer(snapshot());

    expect(cache.getQueryData(roomQuery('lobby').queryKey)?.name).toBe('Lobby');
    expect(cache.getQueryData(pollsQuery('lobby').queryKey)).toEqual([poll()]);
    expect(cache.getQueryData(presenceQuery('lobby').queryKey)).toEqual(presence(5));
    expect(cache.getQueryData(resultsQuery(7).queryKey)).toEqual(results(3));
    expect(cache.getQueryData(youQuery('lobby', 'T').queryKey)?.person).toBeNull();
    expect(told.map(({ link }) => link)).toEqual(['connecting', 'up']);
  });

  test('joins as a screen where it is one', () => {
    follow({ as: 'screen' });

    socket.open();

    expect(socket.joins[0]?.body).toEqual({ room: 'lobby', as: 'screen' });
  });

  test('joins again after every connection', async () => {
    follow();
    socket.open();
    await socket.answer(snapshot());

    socket.drop();
    socket.open();

    expect(socket.joins).toHaveLength(2);
    expect(told.at(-1)?.link).toBe('lost');
  });

  test('ignores the answer to a join of an earlier connection', async () => {
    follow();
    socket.open();
    socket.drop();
    socket.open();

    await socket.answer(snapshot({ polls: [] }), 0);

    expect(cache.getQueryData(pollsQuery('lobby').queryKey)).toBeUndefined();
  });

  test('takes a new connection when the answer does not come', async () => {
    follow();
    socket.open();

    socket.joins[0]?.fail();
    await vi.advanceTimersByTimeAsync(0);

    expect(socket.disconnect).toHaveBeenCalledOnce();
    expect(socket.connect).toHaveBeenCalledTimes(2);
  });

  test('tells a refusal that will not change', async () => {
    follow();
    socket.open();

    await socket.answer({ ok: false, error: problem('not_found', 404) });

    expect(told.at(-1)?.refusal?.code).toBe('not_found');
  });

  test('tries again after a refusal that may', async () => {
    follow();
    socket.open();

    await socket.answer({ ok: false, error: problem('unavailable', 503) });
    await vi.runOnlyPendingTimersAsync();

    expect(socket.joins).toHaveLength(2);
  });
});

describe('events', () => {
  test('keeps a tally that overtook the snapshot', async () => {
    follow();
    socket.open();

    socket.tell('tally:update', results(4));
    await socket.answer(snapshot());

    expect(cache.getQueryData(resultsQuery(7).queryKey)).toEqual(results(4));
  });

  test('applies after the snapshot what overtook it', async () => {
    follow();
    socket.open();

    socket.tell('poll:changed', poll({ state: 'closed' }));
    socket.tell('presence:diff', presence(6));
    await socket.answer(snapshot());

    expect(cache.getQueryData(pollsQuery('lobby').queryKey)).toEqual([poll({ state: 'closed' })]);
    expect(cache.getQueryData(presenceQuery('lobby').queryKey)).toEqual(presence(6));
  });

  test('joins again on a gap in presence', async () => {
    follow();
    socket.open();
    await socket.answer(snapshot());

    socket.tell('presence:diff', presence(8));

    expect(socket.joins).toHaveLength(2);
  });

  test('takes the presence of a restarted server although its seq is smaller', async () => {
    follow();
    socket.open();
    await socket.answer(snapshot());
    socket.drop();
    socket.open();

    await socket.answer(snapshot({ presence: presence(1) }));

    expect(cache.getQueryData(presenceQuery('lobby').queryKey)).toEqual(presence(1));
  });
});

describe('away', () => {
  test('is told for a person', () => {
    const { away } = follow({ token: 'T' });
    socket.open();

    away();

    expect(socket.emit).toHaveBeenCalledWith('presence:set', { room: 'lobby', status: 'away' }, expect.anything());
  });

  test('is no matter of strangers and screens', () => {
    follow().away();
    const { away } = follow({ token: 'T', as: 'screen' });
    socket.open();

    away();

    expect(socket.emit).not.toHaveBeenCalled();
  });
});

describe('ends', () => {
  test('ends the session when the server says so', () => {
    startSession('T');
    follow({ token: 'T' });

    socket.tell('session:ended', { code: 'token_expired' });

    expect(getSession()).toEqual({ token: null, seat: null, ended: 'token_expired' });
  });

  test('ends the session when connecting is refused for its token', () => {
    startSession('T');
    follow({ token: 'T' });

    socket.tell('connect_error', Object.assign(new Error('token_expired'), { data: problem('token_expired', 401) }));

    expect(getSession()).toEqual({ token: null, seat: null, ended: 'token_expired' });
  });

  test('leaves a newer session alone', () => {
    startSession('T2');
    follow({ token: 'T1' });

    socket.tell('session:ended', { code: 'token_expired' });

    expect(getSession().token).toBe('T2');
  });

  test('comes back by itself after a disconnection that the client would accept as final', async () => {
    follow();
    socket.open();
    socket.active = false;

    socket.drop();
    await vi.runOnlyPendingTimersAsync();

    expect(socket.connect).toHaveBeenCalledTimes(2);
  });

  test('hears nothing more once stopped', async () => {
    const { stop } = follow();
    socket.open();

    stop();
    await socket.answer(snapshot());

    expect(socket.handlers.size).toBe(0);
    expect(cache.getQueryData(roomQuery('lobby').queryKey)).toBeUndefined();
  });
});
