// Which of several polls a phone was turned to. A poll that opens while one is at one that has ended comes into sight by itself.
import { useState } from 'react';

import type { Poll } from '../../lib/contract';

export function useTurned(shown: Poll[]): [number | null, (pollId: number) => void] {
  const [turnedTo, setTurnedTo] = useState<number | null>(null);
  const first = shown[0]?.id ?? null;
  const [before, setBefore] = useState(first);

  if (first !== before) {
    setBefore(first);
    const state = shown.find(({ id }) => id === turnedTo)?.state;
    if (state !== 'open' && state !== 'paused') setTurnedTo(null);
  }
  return [turnedTo, setTurnedTo];
}
