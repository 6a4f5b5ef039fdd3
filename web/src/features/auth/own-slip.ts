// The slip by which this device's person came into a room.
import { keep, recall } from '../../lib/storage';

const key = (room: string) => `rollcall.slip.${room}`;

/** Remembers the slip that made this device's person one of the roll; `leaveSession` forgets it. A code that was used is no secret. */
export function keepOwnSlip(room: string, claim: string): void {
  keep(key(room), plain(claim));
}

/** Whether it is the slip by which this device's person came in. */
export const isOwnSlip = (room: string, claim: string): boolean => recall(key(room)) === plain(claim);

const plain = (claim: string) => claim.replace(/[\s-]/g, '').toUpperCase();
