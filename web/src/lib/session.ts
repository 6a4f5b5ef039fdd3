// Who one is on this browser: an account, kept across reloads and shared between tabs; and in a room, before the
// account, the seat one has there without it (as a guest, or by a claim code on a lent device).
import { useSyncExternalStore } from 'react';

import { readRoomPath } from './code';
import { forget, forgetAll, keep, recall } from './storage';
import { forgetSteps } from './trail';

const accountKey = 'rollcall.token';
const seatsKey = 'rollcall.seats';
const screenKey = (room: string) => `rollcall.screen.${room}`;

/** `hosts` is the name of the room, where one hosts it without an account. */
export type Seat = { token: string; name: string; hosts?: string };
type Seats = Record<string, Seat>;

/**
 * `token` is the one that holds at this address; `seat` is there where it is a seat's. `ended` is the code with
 * which the server, not the person, ended the session; the page then says so.
 */
export type Session = { token: string | null; seat: Seat | null; ended: string | null };

let account = recall(accountKey);
let seats = readSeats();
let ended: string | null = null;
let shown: Session = { token: account, seat: null, ended };
const watchers = new Set<() => void>();

function readSeats(): Seats {
  try {
    const kept: unknown = JSON.parse(recall(seatsKey) ?? '{}');
    return typeof kept === 'object' && kept !== null ? (kept as Seats) : {};
  } catch {
    return {};
  }
}

/** The room that the address names, or null. */
export function roomHere(): string | null {
  return 'location' in globalThis ? readRoomPath(globalThis.location.pathname) : null;
}

/** The token of a hall's screen: it holds at the screen's own address, in this tab alone. */
function screenToken(room: string | null): string | null {
  return room !== null && /\/screen\/?$/.test(globalThis.location.pathname) ? recall(screenKey(room), 'tab') : null;
}

/**
 * Takes a screen's token out of the address, where the host's link has it behind the `#`: no server is ever sent
 * that, and nobody in the hall should read it, or find it in the history.
 */
export function takeScreenToken(): void {
  const { pathname, hash } = window.location;
  const [, token] = /^#token=([\w.-]+)/.exec(hash) ?? [];
  const room = roomHere();
  if (token === undefined || room === null) return;
  keep(screenKey(room), token, 'tab');
  window.history.replaceState(window.history.state, '', pathname);
  tell();
}

/** A link to a screen that is open already changes nothing but the `#`. */
export function followScreenTokens(): void {
  takeScreenToken();
  window.addEventListener('hashchange', takeScreenToken);
}

export function getSession(): Session {
  const room = roomHere();
  const seat = room === null ? null : (seats[room] ?? null);
  const token = screenToken(room) ?? seat?.token ?? account;
  const same = shown.token === token && shown.seat === seat && shown.ended === ended;
  if (!same) shown = { token, seat, ended };
  return shown;
}

/** Whether somebody at this device still has the token: nobody has left, or taken another's place, since it was given. */
export function isHeld(token: string): boolean {
  return token === account || Object.values(seats).some((seat) => seat.token === token);
}

/** The account that is signed in, whatever seat holds here. */
export function getAccount(): string | null {
  return account;
}

/** The rooms that this device hosts without an account, by code. */
export function listHosted(): [code: string, seat: Seat][] {
  return Object.entries(seats).filter(([, seat]) => seat.hosts !== undefined);
}

export function seatIn(room: string): Seat | null {
  return seats[room] ?? null;
}

function tell(): void {
  watchers.forEach((watcher) => watcher());
}

function keepSeats(next: Seats): void {
  seats = next;
  if (Object.keys(next).length === 0) forget(seatsKey);
  else keep(seatsKey, JSON.stringify(next));
}

function withoutSeat(room: string): Seats {
  return Object.fromEntries(Object.entries(seats).filter(([code]) => code !== room));
}

/** Signs an account in; in `room` it takes the place of a seat. */
export function startSession(token: string, room: string | null = null): void {
  keep(accountKey, token);
  account = token;
  ended = null;
  if (room !== null) keepSeats(withoutSeat(room));
  tell();
}

/** Lets the account that is signed in take the place of a seat in `room`; false where none is. */
export function takeSignedInAccount(room: string): boolean {
  if (account === null) return false;
  startSession(account, room);
  return true;
}

export function takeSeat(room: string, seat: Seat): void {
  ended = null;
  keepSeats({ ...seats, [room]: seat });
  tell();
}

/** Leaves what holds here, the seat or the account, and what this browser still knew of its ballots. */
export function leaveSession(): void {
  drop(getSession().token);
  forgetAll('rollcall.ballot.');
  forgetSteps();
  ended = null;
  tell();
}

/** The server refused `token`. A late refusal of an older one must not end a newer session. */
export function endSession(token: string | null, code = 'token_invalid'): void {
  if (token === null || !drop(token)) return;
  ended = code;
  tell();
}

function drop(token: string | null): boolean {
  forgetAll('rollcall.slip.');
  const here = roomHere();
  if (here !== null && token !== null && token === screenToken(here)) {
    forget(screenKey(here), 'tab');
    return true;
  }
  const room = Object.keys(seats).find((code) => seats[code]?.token === token);
  if (room !== undefined) keepSeats(withoutSeat(room));
  else if (token !== null && token === account) {
    forget(accountKey);
    account = null;
  } else return false;
  return true;
}

export function dismissEnding(): void {
  ended = null;
  tell();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useSession(): Session {
  return useSyncExternalStore(watch, getSession);
}

/** Follows what another tab did: signing out there signs out here. */
export function followOtherTabs(): void {
  window.addEventListener('storage', (event) => {
    if (event.key !== null && event.key !== accountKey && event.key !== seatsKey) return;
    account = recall(accountKey);
    seats = readSeats();
    ended = null;
    tell();
  });
}
