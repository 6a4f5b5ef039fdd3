// When to come back to a server that stops: it sends each page another moment, so that a hall does not come back at once.
import type { Socket } from 'socket.io-client';

import type { ClientEvents, ServerEvents } from './contract';

export const delays = { reconnectionDelay: 500, reconnectionDelayMax: 3000 };

/** Has a socket reconnect at the moment that the server sends, and as usual once it is back. */
export function comeBackWhenTold(socket: Pick<Socket<ServerEvents, ClientEvents>, 'on' | 'io'>): void {
  const wait = (ms: number) => {
    socket.io.reconnectionDelay(ms);
    socket.io.reconnectionDelayMax(Math.max(ms, delays.reconnectionDelayMax));
  };
  socket.on('server:stopping', ({ retry_after: seconds }) => wait(seconds * 1000));
  socket.on('connect', () => wait(delays.reconnectionDelay));
}
