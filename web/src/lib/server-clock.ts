// What time it is on the server, as far as its messages tell. Countdowns follow it, not the phone's clock.

const setClockMs = 5000;
let offsetMs: number | null = null;

/**
 * Which of two offsets (the server's clock less ours) to believe. A message that was slow on its way makes the
 * offset too small, never too large; one that is smaller by far means that somebody has set a clock.
 */
export function betterOffset(kept: number | null, told: number): number {
  if (kept === null) return told;
  const smallerByMs = kept - told;
  return smallerByMs > 0 && smallerByMs < setClockMs ? kept : told;
}

export function noteServerTime(serverTime: string, nowMs = Date.now()): void {
  const toldMs = Date.parse(serverTime) - nowMs;
  if (Number.isFinite(toldMs)) offsetMs = betterOffset(offsetMs, toldMs);
}

/** The server's time in ms since the epoch; ours until it has told. */
export function serverNowMs(): number {
  return Date.now() + (offsetMs ?? 0);
}
