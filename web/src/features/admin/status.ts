// What happened between two looks at the server's figures, which only ever count up.
import type { ServerStatus } from '../../lib/contract';

/** `before` is null at the first look. */
export type Looks = { before: ServerStatus | null; now: ServerStatus };

export type Lately = {
  /** Votes accepted in a second; null where there is no earlier look to compare with. */
  votesPerSecond: number | null;
  /** How long a write to the disk took, in seconds; null where there was none. */
  writeSeconds: number | null;
  /** How late the server's work was, in seconds. */
  lagSeconds: number | null;
};

/** What changed between two looks. After a restart the counts begin anew, so there is nothing to compare. */
export function compare({ before, now }: Looks): Lately {
  const passed = before === null ? 0 : Date.parse(now.server_time) - Date.parse(before.server_time);
  if (before?.started_at !== now.started_at || passed <= 0) {
    return { votesPerSecond: null, writeSeconds: null, lagSeconds: null };
  }
  return {
    votesPerSecond: (((now.votes.accepted ?? 0) - (before.votes.accepted ?? 0)) * 1000) / passed,
    writeSeconds: meanOf('store_write_seconds', before, now),
    lagSeconds: meanOf('event_loop_lag_seconds', before, now),
  };
}

/** The refusals by code, the most frequent first. */
export function refusals({ votes }: ServerStatus): [code: string, count: number][] {
  return Object.entries(votes)
    .filter(([code, count]) => code !== 'accepted' && count > 0)
    .sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
}

function meanOf(name: string, before: ServerStatus, now: ServerStatus): number | null {
  const grown = (part: string) => (now.figures[`${name}_${part}`] ?? 0) - (before.figures[`${name}_${part}`] ?? 0);
  return grown('count') > 0 ? grown('sum') / grown('count') : null;
}
