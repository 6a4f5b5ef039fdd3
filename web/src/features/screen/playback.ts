// Decides which round of a run-off is shown, and what the controls and the clock do to it.

/** `round` counts from 0; the `last` one is the result. */
export type Playback = { round: number; last: number; playing: boolean };
export type Act = 'tick' | 'play' | 'pause' | 'next' | 'back' | 'first' | 'last';

/** From the first round where one may watch it move, else at the result. */
export function startPlayback(rounds: number, playing: boolean): Playback {
  const last = Math.max(0, rounds - 1);
  return { last, round: playing ? 0 : last, playing: playing && last > 0 };
}

export function movePlayback(now: Playback, act: Act): Playback {
  const at = (round: number, playing = false): Playback => {
    const kept = Math.min(Math.max(round, 0), now.last);
    return { last: now.last, round: kept, playing: playing && kept < now.last };
  };

  switch (act) {
    case 'tick':
      return now.playing ? at(now.round + 1, true) : now;
    case 'play':
      return at(now.round === now.last ? 0 : now.round, true);
    case 'pause':
      return at(now.round);
    case 'next':
      return at(now.round + 1);
    case 'back':
      return at(now.round - 1);
    case 'first':
      return at(0);
    case 'last':
      return at(now.last);
  }
}

/** What a key asks of the playback; null for a key that is none of its own. */
export function readKey(key: string, playing: boolean): Act | null {
  switch (key) {
    case ' ':
      return playing ? 'pause' : 'play';
    case 'ArrowRight':
      return 'next';
    case 'ArrowLeft':
      return 'back';
    case 'Home':
      return 'first';
    case 'End':
      return 'last';
    default:
      return null;
  }
}
