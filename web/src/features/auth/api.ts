// Coming in: signing up, in and out, as a guest, by a roll code.
import { ask } from '../../lib/api';
import type { Claim, GuestEntry, RoomPreview } from '../../lib/contract';

export type Credentials = { email: string; password: string };

export const signIn = (body: Credentials) => ask('POST', '/auth/login', { body, token: null });

export const signUp = (body: Credentials & { name: string; invitation?: string }) =>
  ask('POST', '/auth/signup', { body, token: null });

export const signOut = (token: string) => ask('POST', '/auth/logout', { token });

/** `key` is that of the link by which guests join a room for members. */
export const enterAsGuest = (room: string, nickname: string, key: string | null) =>
  ask('POST', `/rooms/${room}/guests`, { body: { nickname, ...(key !== null && { key }) }, token: null }) as Promise<GuestEntry>;

/** What the link shows of its room; nobody has joined. */
export const previewAsGuest = (room: string, key: string | null) =>
  ask('POST', `/rooms/${room}/guests?dry_run=1`, { body: { ...(key !== null && { key }) }, token: null }) as Promise<RoomPreview>;

/** Takes over, with an account's token, the room that a device hosts without one. */
export const keepRoom = (room: string, seatToken: string, token: string) =>
  ask('POST', `/rooms/${room}/keep`, { body: { token: seatToken }, token });

/** Whose code it is, as long as it is good; nothing is claimed. */
export const readSlip = (room: string, code: string) =>
  ask('POST', `/rooms/${room}/claim?dry_run=1`, { body: { code }, token: null }) as Promise<Claim & RoomPreview>;

/** With an account's token the row becomes that account's; with null this device's. */
export const claimRow = (room: string, code: string, token: string | null) =>
  ask('POST', `/rooms/${room}/claim`, { body: { code }, token });
