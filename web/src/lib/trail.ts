// The last requests of this page, for the developer's corner: in memory alone, and never a secret among them.
import { useSyncExternalStore } from 'react';

/** `room` is its Room-Code; `signedIn` is whether it was sent with a token. */
export type Step = {
  id: number;
  method: string;
  path: string;
  body: unknown;
  key: string | null;
  room: string | null;
  signedIn: boolean;
  status: number;
};

const kept = 12;
const secrets = ['password', 'current_password', 'code', 'invitation', 'key', 'token'];
let steps: Step[] = [];
let count = 0;
const watchers = new Set<() => void>();

function become(next: Step[]): void {
  steps = next;
  watchers.forEach((tell) => tell());
}

/** Notes a request that was answered with `status`; `key` is its Idempotency-Key. */
export function noteStep(step: Omit<Step, 'id'>): void {
  become([{ ...step, id: ++count, body: hideSecrets(step.body) }, ...steps].slice(0, kept));
}

export function forgetSteps(): void {
  become([]);
}

function hideSecrets(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || body instanceof Blob) return undefined;
  if (Array.isArray(body)) return body;
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, secrets.includes(name) ? '…' : value]));
}

export const getSteps = () => steps;

/** The newest first. */
export function useSteps(): Step[] {
  return useSyncExternalStore((tell) => {
    watchers.add(tell);
    return () => watchers.delete(tell);
  }, getSteps);
}
