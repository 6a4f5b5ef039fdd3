// How a page connects: nothing else opens a socket.
import { io, type Socket } from 'socket.io-client';

import { comeBackWhenTold, delays } from './come-back';
import type { ClientEvents, ServerEvents } from './contract';

export type RollcallSocket = Socket<ServerEvents, ClientEvents>;

/** A socket that does not connect yet. `readAuth` is read at every connection, so that no ended session is used again. */
export function openSocket(readAuth: () => { lang: string; token: string | null }): RollcallSocket {
  const socket: RollcallSocket = io({
    autoConnect: false,
    // Straight to WebSocket; where something in between blocks it, polling still gets through.
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    ...delays,
    auth: (send) => {
      const { lang, token } = readAuth();
      send({ lang, ...(token !== null && { token }) });
    },
  });
  comeBackWhenTold(socket);
  return socket;
}
