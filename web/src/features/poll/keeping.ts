// What this browser keeps of a ballot: marks not yet cast and a ballot on its way over a reload, the receipt for
// longer. All of it goes when one signs out: lib/session.ts forgets `rollcall.ballot.`. A receipt is shown to the person
// who was given it alone: the next one at a lent tablet doesn't see it.
import type { Marks, Poll } from '../../lib/contract';
import { forget, keep, recall, type Shelf } from '../../lib/storage';
import { isBlank, readMarks } from './marks';

/**
 * The token is part of the attempt: a late retry must never vote for the next person at this device.
 * `over`: the receipt of the ballot that this one replaces, null for a first one; undefined if this device doesn't know it.
 */
export type Attempt = { key: string; marks: Marks; token: string; over?: string | null };

const shelves = { draft: 'tab', attempt: 'tab' } as const satisfies Record<string, Shelf>;
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
  const { key, marks, token: sender, over } = recallValue('attempt', poll);
  const read = readMarks(poll, marks);
  return typeof key === 'string' && read !== null && sender === token && token !== null
    ? { key, marks: read, token, ...((typeof over === 'string' || over === null) && { over }) }
    : null;
}

const receiptsKey = 'rollcall.ballot.receipts';
/** The newest are kept. */
const mostReceipts = 100;

type KeptReceipt = { poll: number; person: string; receipt: string };

function isKeptReceipt(kept: unknown): kept is KeptReceipt {
  const { poll, person, receipt } = (kept ?? {}) as Partial<Record<string, unknown>>;
  return typeof poll === 'number' && typeof person === 'string' && typeof receipt === 'string';
}

function recallReceipts(): KeptReceipt[] {
  try {
    const kept: unknown = JSON.parse(recall(receiptsKey) ?? '[]');
    return Array.isArray(kept) ? kept.filter(isKeptReceipt) : [];
  } catch {
    return [];
  }
}

/** It is the receipt of a ballot that another device has replaced. */
export function forgetReceipt(poll: Poll, person: string): void {
  const others = recallReceipts().filter((kept) => kept.poll !== poll.id || kept.person !== person);
  keep(receiptsKey, JSON.stringify(others));
}

/** Takes the place of an earlier receipt of that person in that poll. */
export function keepReceipt(poll: Poll, person: string, receipt: string): void {
  const others = recallReceipts().filter((kept) => kept.poll !== poll.id || kept.person !== person);
  const kept = [{ poll: poll.id, person, receipt }, ...others].slice(0, mostReceipts);
  keep(receiptsKey, JSON.stringify(kept));
}

/** The receipt that `person` was given here; after the close of a secret poll nobody else knows it. */
export function recallReceipt(poll: Poll, person: string | null): string | null {
  return recallReceipts().find((kept) => kept.poll === poll.id && kept.person === person)?.receipt ?? null;
}
