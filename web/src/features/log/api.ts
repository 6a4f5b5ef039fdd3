// What the server tells of a room's log.
import { ask, askFile } from '../../lib/api';
import type { Head, LogEntry, LogPage, PollsPart } from '../../lib/contract';

/** As many entries as a check reads at most; whoever was away for more of them has the ends compared. */
const mostChecked = 5000;

export const fetchPage = (code: string, after: number, limit = 200) =>
  ask('GET', `/rooms/${code}/log?after=${after}&limit=${limit}`);

/** The last `count` entries up to `head`, oldest first, and the names beside them. */
export async function fetchLast(code: string, head: Head, count: number): Promise<Pick<LogPage, 'items' | 'names'>> {
  const items: LogEntry[] = [];
  let names: LogPage['names'] = {};
  let after: number | null = Math.max(0, head.n - count);
  while (after !== null && after < head.n) {
    const page: LogPage = await fetchPage(code, after);
    items.push(...page.items);
    names = { ...names, ...page.names };
    after = page.next;
  }
  return { items, names };
}

/** The entries from `from` to `to`, both included. */
export async function fetchBetween(code: string, from: Head, to: Head): Promise<LogEntry[]> {
  const items: LogEntry[] = [];
  let after: number | null = Math.max(0, from.n - 1);
  while (after !== null && after < to.n && items.length < mostChecked) {
    const page: LogPage = await fetchPage(code, after);
    items.push(...page.items);
    after = page.next;
  }
  return items.filter(({ n }) => n <= to.n);
}

/** When a backup was last restored, by the last entries of a log. */
export async function fetchRestored(code: string, told: Head): Promise<string | null> {
  const { items } = await fetchPage(code, Math.max(0, told.n - 200));
  return items.filter(({ kind }) => kind === 'backup_restored').at(-1)?.at ?? null;
}

/** The titles of polls, whose ids are given greatest first; a poll that was deleted has none. */
export async function fetchTitles(code: string, ids: number[]): Promise<Map<number, string>> {
  const titles = new Map<number, string>();
  let left = ids;
  while (left[0] !== undefined) {
    const { items }: PollsPart = await ask('GET', `/rooms/${code}/polls?sort=-id&cursor=${left[0] + 1}&limit=100`);
    items.forEach(({ id, title }) => titles.set(id, title));
    const last = items.at(-1)?.id ?? 0;
    left = left.filter((id) => id < last);
  }
  return titles;
}

export const fetchWholeLog = (code: string) => askFile(`/rooms/${code}/log.json`, { timeoutSeconds: 60 });
