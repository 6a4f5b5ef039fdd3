// What a link brings behind the `#`, a slip's claim code or the key of a link for guests: no server is ever sent that part of an address, and nobody
// should find it in the history. It waits here, in this tab, until it is used or left.
import { useSyncExternalStore } from 'react';

import { bringsSecret, readClaim, readGuestKey, readRoomPath } from './code';
import { forget, keep, recall } from './storage';

const key = (room: string) => `rollcall.claim.${room}`;
const guestKey = (room: string) => `rollcall.guest.${room}`;
const watchers = new Set<() => void>();
const tell = () => watchers.forEach((watcher) => watcher());

export function keepClaim(room: string, claim: string): void {
  keep(key(room), claim, 'tab');
  tell();
}

export function forgetClaim(room: string): void {
  forget(key(room), 'tab');
  tell();
}

function keepGuestKey(room: string, found: string): void {
  keep(guestKey(room), found, 'tab');
  tell();
}

/** Takes the code or the key out of the address, also one that can't be used. */
export function takeClaim(): void {
  const { pathname, search, hash } = window.location;
  if (!bringsSecret(hash)) return;
  const [claim, found, room] = [readClaim(hash), readGuestKey(hash), readRoomPath(pathname)];
  window.history.replaceState(window.history.state, '', pathname + search);
  if (room === null) return;
  if (claim !== null) keepClaim(room, claim);
  if (found !== null) keepGuestKey(room, found);
}

/** A link that is opened where the room is open already changes nothing but the `#`. */
export function followClaims(): void {
  takeClaim();
  window.addEventListener('hashchange', takeClaim);
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function useClaim(room: string): string | null {
  return useSyncExternalStore(watch, () => recall(key(room), 'tab'));
}

/** The key with which one may join a room for members as a guest; null without one. */
export function useGuestKey(room: string): string | null {
  return useSyncExternalStore(watch, () => recall(guestKey(room), 'tab'));
}
