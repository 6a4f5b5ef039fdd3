// The one socket. Nobody else opens one; lib/follow-room.ts is who listens to it.
import { io, type Socket } from 'socket.io-client';

import type { ClientEvents, ServerEvents } from './contract';
import { currentLanguage } from './i18n';
import { getSession } from './session';

export type RollcallSocket = Socket<ServerEvents, ClientEvents>;

export const socket: RollcallSocket = io({
  autoConnect: false,
  // Straight to WebSocket; where something in between blocks it, polling still gets through.
  transports: ['websocket', 'polling'],
  tryAllTransports: true,
  reconnectionDelay: 500,
  reconnectionDelayMax: 3000,
  // Read at every connection, so that a reconnection never speaks for an ended session.
  auth: (send) => {
    const { token } = getSession();
    send({ lang: currentLanguage(), ...(token !== null && { token }) });
  },
});
