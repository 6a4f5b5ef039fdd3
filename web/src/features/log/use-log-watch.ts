// Keeps the heads of a room's log that this browser is sent, and finds out where a later log doesn't continue them.
import { useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useState } from 'react';

import type { Head } from '../../lib/contract';
import { addHead, checkFrom, contradicted, findBreak, readSeen, writeSeen, type Break, type Seen } from '../../lib/heads';
import { headQuery, youQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { fetchBetween, fetchRestored } from './api';

/** A whole hall is sent a head at once: each phone reads the log a little later, and not at every entry. */
const soonMs = 5000;
const againMs = 120_000;

export function useLogWatch(code: string): { broken: Break | null; accept: () => void } {
  const { token } = useSession();
  const told = useQuery(headQuery(code)).data;
  const role = useQuery(youQuery(code, token)).data?.role;
  const reads = role !== undefined && role !== 'visitor' && role !== 'stranger';
  const [broken, setBroken] = useState(() => readSeen(code).broken);
  const [checkedAt, setCheckedAt] = useState(0);

  useEffect(() => {
    if (told === undefined || role === undefined) return;
    let stopped = false;
    const end = (found: Break | null) => {
      if (!stopped) setBroken(found);
    };
    const seen = note(code, told);
    if (seen.broken !== null && seen.broken.restoredAt === null && reads) void explain(code, seen.broken).then(end);
    else if (seen.broken !== null) queueMicrotask(() => end(seen.broken));
    const from = seen.broken === null && reads ? checkFrom(seen, told) : null;
    if (from === null) return () => { stopped = true; };
    const wait = Math.max(0, checkedAt + againMs - Date.now()) + Math.random() * soonMs;
    const timer = setTimeout(() => {
      setCheckedAt(Date.now());
      void check(code, told).then(end, () => undefined);
    }, wait);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
    // `checkedAt` only says how long to wait: a check must not bring about the next one.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [code, told, role, reads]);

  const accept = useCallback(() => {
    writeSeen(code, { heads: told === undefined ? [] : [told], checked: told?.n ?? 0, broken: null });
    setBroken(null);
  }, [code, told]);

  return { broken, accept };
}

/** Keeps a head as it is told; one that contradicts what was seen is not kept, but told of. */
function note(code: string, told: Head): Seen {
  const seen = readSeen(code);
  if (seen.broken !== null) return seen;
  const kept = contradicted(seen.heads, told);
  const first = seen.heads.length === 0;
  const next = kept === null ? addHead(seen, told) : { ...seen, broken: { kept, told, restoredAt: null } };
  const noted = first ? { ...next, checked: told.n } : next;
  writeSeen(code, noted);
  return noted;
}

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
  const kept = whole ? findBreak(asked, entries, told) : entries[0]?.hash === from.hash ? null : from;
  if (kept !== null) return explain(code, { kept, told, restoredAt: null });
  writeSeen(code, { ...readSeen(code), checked: told.n });
  return null;
}
