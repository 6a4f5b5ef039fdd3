// Keeps the heads of a room's log that this browser is sent, and finds out where a later log doesn't continue them.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';

import type { Head } from '../../lib/contract';
import { addHead, checkFrom, contradicted, findBreak, readSeen, writeSeen, type Break, type Seen } from '../../lib/heads';
import { hashesHold } from '../../lib/log-hashes';
import { headQuery, youQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { fetchBetween, fetchPage, fetchRestored } from './api';

/** A whole hall is sent a head at once: each phone reads the log a little later, and not at every entry. */
const soonMs = 5000;
const againMs = 120_000;
/** Another tab may have been sent a newer head than this one: it is sent that too in a moment. */
const settleMs = 2000;

/** `up`: the connection stands, so what was told last is how it is. */
export function useLogWatch(code: string, up: boolean): { broken: Break | null; accept: () => void } {
  const { token } = useSession();
  const told = useQuery(headQuery(code)).data;
  const role = useQuery(youQuery(code, token)).data?.role;
  const reads = role !== undefined && role !== 'visitor' && role !== 'stranger';
  const [broken, setBroken] = useState(() => readSeen(code).broken);
  const checkedAt = useRef(0);

  useEffect(() => {
    if (told === undefined || role === undefined || !up) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stopped = false;
    const look = (afterMs: number, find: () => Promise<Break | null>) => {
      timer = setTimeout(() => {
        void find().then((found) => { if (!stopped) setBroken(found); }, () => undefined);
      }, afterMs);
    };

    const seen = note(code, told);
    const kept = contradicted(seen.heads, told);
    const earlier = seen.broken;
    if (earlier !== null) {
      if (reads && earlier.restoredAt === null) look(0, () => explain(code, earlier));
    } else if (kept !== null) {
      look(settleMs, () => confirm(code, kept, told, reads));
    } else if (reads && checkFrom(seen, told) !== null) {
      look(Math.max(0, checkedAt.current + againMs - Date.now()) + Math.random() * soonMs, () => {
        checkedAt.current = Date.now();
        return check(code, told);
      });
    }
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [code, told, role, reads, up]);

  const accept = useCallback(() => {
    writeSeen(code, { heads: told === undefined ? [] : [told], checked: told?.n ?? 0, broken: null });
    setBroken(null);
  }, [code, told]);

  return { broken, accept };
}

/** Keeps a head that is told, unless it contradicts what was seen. */
function note(code: string, told: Head): Seen {
  const seen = readSeen(code);
  if (seen.broken !== null || contradicted(seen.heads, told) !== null) return seen;
  const next = addHead(seen, told);
  const noted = seen.heads.length === 0 ? { ...next, checked: told.n } : next;
  writeSeen(code, noted);
  return noted;
}

/** Asks the log itself, where one may read it, whether it still has the entry that was seen. */
async function confirm(code: string, kept: Head, told: Head, reads: boolean): Promise<Break | null> {
  const broken = { kept, told, restoredAt: null };
  if (reads) {
    const { items } = await fetchPage(code, Math.max(0, kept.n - 1), 1);
    return items[0]?.hash === kept.hash ? null : explain(code, broken);
  }
  writeSeen(code, { ...readSeen(code), broken });
  return broken;
}

/** Keeps that a log is broken off, and when a backup was restored, where that is why. */
async function explain(code: string, broken: Break): Promise<Break> {
  const found = { ...broken, restoredAt: await fetchRestored(code, broken.told).catch(() => null) };
  writeSeen(code, { ...readSeen(code), broken: found });
  return found;
}

/** Reads the log from the last checked head on, and notes whether it continues all that were seen since. */
async function check(code: string, told: Head): Promise<Break | null> {
  const seen = readSeen(code);
  const from = checkFrom(seen, told);
  if (seen.broken !== null || from === null) return seen.broken;
  const entries = await fetchBetween(code, from, told);
  const asked = seen.heads.filter(({ n }) => n >= from.n && n <= told.n);
  const whole = entries.length > told.n - Math.max(from.n, 1);
  const linked = whole ? findBreak(asked, entries, told) : entries[0]?.hash === from.hash ? null : from;
  const kept = linked ?? ((await hashesHold(entries)) ? null : from);
  if (kept !== null) return explain(code, { kept, told, restoredAt: null });
  writeSeen(code, { ...readSeen(code), checked: told.n });
  return null;
}
