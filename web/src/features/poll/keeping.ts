// What this browser keeps of a ballot: marks not yet cast and a ballot on its way over a reload, the receipt for
// longer. All of it goes when one signs out: lib/session.ts forgets `rollcall.ballot.`.
import type { Marks, Poll } from '../../lib/contract';
import { forget, keep, recall, type Shelf } from '../../lib/storage';
import { isBlank, readMarks } from './marks';

/** The token is part of the attempt: a late retry must never vote for the next person at this device. */
export type Attempt = { key: string; marks: Marks; token: string };

const shelves = { draft: 'tab', attempt: 'tab', receipt: 'lasting' } as const satisfies Record<string, Shelf>;
type Kind = keyof typeof shelves;

const name = (kind: Kind, poll: Poll) => `rollcall.ballot.${kind}.${poll.id}`;

function recallValue(kind: Kind, poll: Poll): Record<string, unknown> {
  try {
    const kept: unknown = JSON.parse(recall(name(kind, poll), shelves[kind]) ?? '{}');
    return typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function keepValue(kind: Kind, poll: Poll, value: unknown): void {
  keep(name(kind, poll), JSON.stringify(value), shelves[kind]);
}

export function forgetKept(kind: Kind, poll: Poll): void {
  forget(name(kind, poll), shelves[kind]);
}

export function keepDraft(poll: Poll, marks: Marks): void {
  if (isBlank(marks)) forgetKept('draft', poll);
  else keepValue('draft', poll, marks);
}

/** The marks that were made and not cast, or null. */
export function recallDraft(poll: Poll): Marks | null {
  return readMarks(poll, recallValue('draft', poll));
}

export function keepAttempt(poll: Poll, attempt: Attempt): void {
  keepValue('attempt', poll, attempt);
}

/** A ballot of `token` that was sent and got no answer before the page was left, or null. */
export function recallAttempt(poll: Poll, token: string | null): Attempt | null {
  const { key, marks, token: sender } = recallValue('attempt', poll);
  const read = readMarks(poll, marks);
  return typeof key === 'string' && read !== null && sender === token && token !== null
    ? { key, marks: read, token }
    : null;
}

export function keepReceipt(poll: Poll, person: string, receipt: string): void {
  keepValue('receipt', poll, { person, receipt });
}

/** The receipt that `person` was given here; a secret poll's server does not tell it again. */
export function recallReceipt(poll: Poll, person: string | null): string | null {
  const kept = recallValue('receipt', poll);
  return person !== null && kept.person === person && typeof kept.receipt === 'string' ? kept.receipt : null;
}
