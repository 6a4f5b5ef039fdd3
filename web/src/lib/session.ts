// Who is signed in on this browser: the token, kept across reloads and shared between tabs.
import { useSyncExternalStore } from 'react';

import { forget, keep, recall } from './storage';

const key = 'rollcall.token';

/** `ended` is true after the server, not the person, ended the session; the page then says so. */
export type Session = { token: string | null; ended: boolean };

let session: Session = { token: recall(key), ended: false };
const watchers = new Set<() => void>();

function become(next: Session): void {
  session = next;
  watchers.forEach((tell) => tell());
}

export function getSession(): Session {
  return session;
}

export function startSession(token: string): void {
  keep(key, token);
  become({ token, ended: false });
}

export function leaveSession(): void {
  forget(key);
  become({ token: null, ended: false });
}

/** The server refused `token`. A late refusal of an older one must not end a newer session. */
export function endSession(token: string | null): void {
  if (token === null || token !== session.token) return;
  forget(key);
  become({ token: null, ended: true });
}

export function dismissEnding(): void {
  become({ ...session, ended: false });
}

function watch(tell: () => void): () => void {
  watchers.add(tell);
  return () => watchers.delete(tell);
}

export function useSession(): Session {
  return useSyncExternalStore(watch, getSession);
}

/** Follows what another tab did: signing out there signs out here. */
export function followOtherTabs(): void {
  window.addEventListener('storage', (event) => {
    if (event.key !== null && event.key !== key) return;
    const token = recall(key);
    if (token !== session.token) become({ token, ended: false });
  });
}
