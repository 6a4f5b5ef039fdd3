// The claim code that a slip's link brings behind the `#`: no server is ever sent that part of an address, and nobody
// should find it in the history. It waits here, in this tab, until it is used or left.
import { useSyncExternalStore } from 'react';

import { readClaim, readRoomPath } from './code';
import { forget, keep, recall } from './storage';

const key = (room: string) => `rollcall.claim.${room}`;
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

/** Takes the code out of the address. */
export function takeClaim(): void {
  const { pathname, search, hash } = window.location;
  const [claim, room] = [readClaim(hash), readRoomPath(pathname)];
  if (claim === null || room === null) return;
  window.history.replaceState(window.history.state, '', pathname + search);
  keepClaim(room, claim);
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
