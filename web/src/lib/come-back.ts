// When to come back to a server that stops: it tells each page another moment, so that a hall does not come back at once.
import type { RollcallSocket } from './socket';

export const delays = { reconnectionDelay: 500, reconnectionDelayMax: 3000 };

/** Has a socket reconnect when the server said, and as usual once it is back. */
export function comeBackWhenTold(socket: Pick<RollcallSocket, 'on' | 'io'>): void {
  const wait = (ms: number) => {
    socket.io.reconnectionDelay(ms);
    socket.io.reconnectionDelayMax(Math.max(ms, delays.reconnectionDelayMax));
  };
  socket.on('server:stopping', ({ retry_after: seconds }) => wait(seconds * 1000));
  socket.on('connect', () => wait(delays.reconnectionDelay));
}
