// A run-off's rounds played on the wall: by the clock while playing, else by whoever is at the keys.
import { useEffect, useReducer } from 'react';

import { movePlayback, readKey, startPlayback } from './playback';
import { useKeys } from './use-wall';

/** Long enough to read who leaves and to see where their ballots go. */
const roundMs = 4500;

export function usePlayback(rounds: number, watched: boolean) {
  const [playback, act] = useReducer(movePlayback, startPlayback(rounds, watched));
  const { round, playing } = playback;

  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => act('tick'), roundMs);
    return () => clearTimeout(timer);
  }, [round, playing]);

  useKeys((event) => {
    const asked = readKey(event.key, playing);
    if (asked === null) return;
    event.preventDefault();
    act(asked);
  });

  return { playback, act };
}
