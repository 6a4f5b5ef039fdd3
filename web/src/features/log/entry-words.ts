// An entry of the log in words: who did what. It holds ids alone; names stand beside it, for those who may see them.
import type { TFunction } from 'i18next';

import type { LogEntry } from '../../lib/contract';
import { isolate } from '../../lib/isolate';
import { wordQuorumSet, type QuorumSet } from '../../lib/quorums';
import type { Words } from './words';

type Known = { names: Record<string, string>; polls: ReadonlyMap<number, string> };

const mostNamed = 5;

/** Who acted: a name, else the id; the clock and the server's operator have words of their own. */
export function describeActor(actor: string, { names }: Known, t: Words): string {
  if (actor === 'clock' || actor === 'operator') return t(`actor.${actor}`);
  return t('actor.person', { who: nameOf(actor, names, t) });
}

/** What was done, as a sentence without who did it. */
export function describeAct({ kind, data }: LogEntry, known: Known, t: Words): string {
  const { names, polls } = known;
  const number = (key: string) => Number(data[key] ?? 0);
  const poll = polls.get(number('poll')) ?? t('pollNumber', { number: number('poll') });
  const who = nameOf('row' in data ? `r${number('row')}` : typeof data.person === 'string' ? data.person : '', names, t);
  switch (kind) {
    case 'roll_changed':
      return t('kind.roll_changed', { added: number('added'), changed: number('changed'), removed: number('removed'), voters: number('voters') });
    case 'hosts_changed':
      return [
        ...listed(data.added).map((person) => t('kind.host_added', { who: nameOf(person, names, t) })),
        ...listed(data.removed).map((person) => t('kind.host_removed', { who: nameOf(person, names, t) })),
      ].join(' ');
    case 'codes_made':
    case 'member_restored':
      return t(`kind.${kind}`, { count: number('count') });
    case 'poll_closed':
    case 'results_published':
      return [t(`kind.${kind}`, { poll }), verdictOf(data.verdict, t)].filter(Boolean).join(' ');
    case 'poll_opened':
      return [
        t('kind.poll_opened', { poll }),
        typeof data.eligible === 'number' ? t('eligible', { count: data.eligible }) : '',
      ].filter(Boolean).join(' ');
    case 'poll_changed':
      return [
        'closes_at' in data ? t('kind.poll_closes_at', { poll }) : '',
        'results' in data ? t('kind.poll_results', { poll }) : '',
      ].filter(Boolean).join(' ');
    case 'backup_restored':
      return data.replaced == null ? t('kind.backup_restored') : t('kind.backup_restored_at', { n: lengthOf(data.replaced) });
    default:
      return t(`kind.${kind}`, { poll, who, number: number('number') });
  }
}

/** What stands under an act: how the quorum was set; or who of the roll is known by name, a line for each way of changing.
 * `shared` has the texts of every page. */
export function describeMore({ kind, data }: LogEntry, { names }: Known, t: Words, shared: TFunction): string[] {
  if (kind === 'quorum_changed') return [wordQuorumSet(shared, data as QuorumSet)];
  if (kind !== 'roll_changed' && kind !== 'codes_made' && kind !== 'member_restored') return [];
  const rows = (kind === 'roll_changed' ? data.rows : { made: data.rows }) as Record<string, [number, number][]>;
  return Object.entries(rows)
    .map(([way, ranges]) => ({ way, ids: idsOf(ranges), count: countOf(ranges) }))
    .filter(({ count }) => count > 0)
    .map(({ way, ids, count }) => {
      const named = ids.slice(0, mostNamed).map((id) => nameOf(`r${id}`, names, t));
      const rest = count - named.length;
      const who = named.join(', ') + (rest > 0 ? ` ${t('more', { count: rest })}` : '');
      return t(`rows.${way as 'added' | 'changed' | 'removed' | 'made'}`, { who });
    });
}

function nameOf(person: string, names: Record<string, string>, t: Words): string {
  const name = names[person];
  return name === undefined ? t('unnamed', { person }) : isolate(name);
}

function verdictOf(verdict: unknown, t: Words): string {
  const known = ['elected', 'carried', 'rejected', 'tied', 'no_quorum', 'none_passed'] as const;
  const found = known.find((each) => each === verdict);
  return found === undefined ? '' : t(`verdict.${found}`);
}

function lengthOf(head: unknown): number {
  return (head as { n?: number }).n ?? 0;
}

const listed = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function idsOf(ranges: [number, number][]): number[] {
  const ids: number[] = [];
  for (const [first, last] of ranges) {
    for (let id = first; id <= last && ids.length < mostNamed; id++) ids.push(id);
  }
  return ids;
}

const countOf = (ranges: [number, number][]): number =>
  ranges.reduce((count, [first, last]) => count + last - first + 1, 0);
