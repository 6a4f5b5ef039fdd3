// The heads of rooms' logs that this browser saw, and whether a later log continues them.
import type { Head, LogEntry } from './contract';
import { forget, keep, recall } from './storage';

/** `heads` from the oldest to the newest; up to `checked` the log is known to continue them. */
export type Seen = { heads: Head[]; checked: number; broken: Break | null };

/** The head that a later log didn't continue, and when a backup was restored, if the log says so. */
export type Break = { kept: Head; told: Head; restoredAt: string | null };

const mostHeads = 20;
const mostRooms = 50;
const beginning = 'rollcall.heads.';
const listKey = 'rollcall.heads';
const nothing: Seen = { heads: [], checked: 0, broken: null };

export function readSeen(code: string): Seen {
  try {
    const kept = JSON.parse(recall(beginning + code) ?? 'null') as Partial<Seen> | null;
    const heads = Array.isArray(kept?.heads) ? kept.heads.filter(isHead) : [];
    const checked = typeof kept?.checked === 'number' ? kept.checked : 0;
    return { heads, checked, broken: kept?.broken ?? null };
  } catch {
    return nothing;
  }
}

/** Keeps what was seen of a room; of many rooms, those that were looked at last. */
export function writeSeen(code: string, seen: Seen): void {
  keep(beginning + code, JSON.stringify(seen));
  const rooms = [...readRooms().filter((room) => room !== code), code];
  rooms.slice(0, -mostRooms).forEach((room) => forget(beginning + room));
  keep(listKey, JSON.stringify(rooms.slice(-mostRooms)));
}

function readRooms(): string[] {
  try {
    const kept: unknown = JSON.parse(recall(listKey) ?? '[]');
    return Array.isArray(kept) ? kept.filter((room) => typeof room === 'string') : [];
  } catch {
    return [];
  }
}

function isHead(value: unknown): value is Head {
  const { n, hash } = (value ?? {}) as Partial<Head>;
  return Number.isInteger(n) && typeof hash === 'string';
}

/** The kept head that a told head contradicts by itself: the log got shorter, or has another entry in the same place. */
export function contradicted(heads: Head[], told: Head): Head | null {
  return heads.find(({ n, hash }) => n > told.n || (n === told.n && n > 0 && hash !== told.hash)) ?? null;
}

/** Adds a head. The newest ones stay, and the last that was checked: the next check begins there. */
export function addHead(seen: Seen, told: Head): Seen {
  if (seen.heads.some(({ n }) => n === told.n)) return seen;
  const heads = [...seen.heads, told];
  const last = heads.filter(({ n }) => n <= seen.checked).at(-1);
  return { ...seen, heads: heads.filter((head, place) => head === last || place >= heads.length - mostHeads + 1) };
}

/** The head from which on the log has to be read to check what was seen; null: there is nothing to check. */
export function checkFrom({ heads, checked }: Seen, told: Head): Head | null {
  const from = heads.filter(({ n }) => n <= checked).at(-1) ?? heads[0];
  return from === undefined || from.n === told.n ? null : from;
}

/**
 * The kept head that a log doesn't continue; null if it continues them all. `entries` are those from the first of
 * `heads` on, up to `told`: each must name the hash of the one before, and the last one must be `told`.
 */
export function findBreak(heads: Head[], entries: LogEntry[], told: Head): Head | null {
  const first = heads[0];
  if (first === undefined) return null;
  const linked = entries.every((entry, place) => {
    const before = entries[place - 1];
    return before === undefined ? entry.n === Math.max(first.n, 1) : entry.n === before.n + 1 && entry.previous === before.hash;
  });
  const ends = entries.at(-1)?.hash === told.hash;
  if (!linked || !ends) return first;
  const hashes = new Map(entries.map(({ n, hash }) => [n, hash]));
  return heads.find(({ n, hash }) => n > 0 && hashes.get(n) !== hash) ?? null;
}
