// How evenly samples arrive: each is late by what it took more than the quickest one. Needs no common clock. Pure.
import type { Sample } from '../../lib/contract';

export type Arrival = { n: number; of: Sample['of']; tookMs: number };

/** `tookMs` is off by what the two clocks differ, the same for all of them. */
export function addSample(arrivals: Arrival[], { n, of, sent_at }: Sample, nowMs: number): Arrival[] {
  const tookMs = nowMs - Date.parse(sent_at);
  return [...arrivals.filter((arrival) => arrival.n < n), { n, of, tookMs }];
}

/** How much later than the quickest, in whole ms. */
export function lateMs(arrivals: Arrival[], arrival: Arrival): number {
  return Math.round(arrival.tookMs - Math.min(...arrivals.map(({ tookMs }) => tookMs)));
}

/** What a median round trip means for a vote: `good` is not felt, `slow` is. */
export function judge(medianMs: number | null): 'good' | 'fair' | 'slow' | 'none' {
  if (medianMs === null) return 'none';
  if (medianMs < 150) return 'good';
  return medianMs < 600 ? 'fair' : 'slow';
}
