// Quiet sounds, for those who have switched them on at this device: off for all others. Where a device's owner asks for
// calm, nothing. The sounds themselves are fetched, and made, only by those who hear them.
import type { Sound } from './chimes';
import { keep, recall } from './storage';

const key = 'rollcall.sound';

export const isCalm = (): boolean => window.matchMedia('(prefers-reduced-motion: reduce)').matches;
export const isSoundOn = (): boolean => recall(key) === 'on';

/** Plays it where sound is on; a browser that wants to be touched first stays silent. */
export function sound(name: Sound): void {
  if (typeof window === 'undefined' || !isSoundOn() || isCalm()) return;
  void import('./chimes').then(({ chime }) => chime(name)).catch(() => undefined);
}

/** Whoever switches it on hears what it is like. */
export function switchSound(on: boolean, sample: Sound): void {
  keep(key, on ? 'on' : 'off');
  sound(sample);
}
