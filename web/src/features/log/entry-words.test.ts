import i18next from 'i18next';
import { beforeAll, expect, test } from 'vitest';

import type { LogEntry } from '../../lib/contract';
import { isolate } from '../../lib/isolate';
import allEn from '../../locales/en.json';
import allKo from '../../locales/ko.json';
import en from '../../locales/log.en.json';
import ko from '../../locales/log.ko.json';
import { describeAct, describeActor, describeMore } from './entry-words';
import type { Words } from './words';

const known = { names: { u12: 'Mina', r31: 'Noah' }, polls: new Map([[7, 'Board']]) };
const entry = (kind: LogEntry['kind'], data: LogEntry['data']): LogEntry => ({
  ...{ n: 1, at: '2026-11-20T09:00:00.000Z', kind, actor: 'u12', data },
  ...{ previous: '', hash: '' },
});
const texts = i18next.createInstance();
const words = (language: string) => texts.getFixedT(language, 'log') as unknown as Words;

const acts: LogEntry[] = [
  entry('roll_changed', { added: 2, changed: 0, removed: 1, voters: 9, rows: { added: [[31, 32]], changed: [], removed: [[5, 5]] } }),
  entry('hosts_changed', { added: ['r31'], removed: ['u12'] }),
  entry('member_restored', { count: 1, rows: [[31, 31]], voters: 9 }),
  entry('codes_made', { count: 1, rows: [[31, 31]] }),
  entry('row_claimed', { row: 31 }),
  entry('person_barred', { person: 'u12' }),
  entry('bar_ended', { person: 'u12' }),
  entry('reset_allowed', { person: 'u12' }),
  entry('checked_in', { row: 31 }),
  entry('checked_out', { row: 31 }),
  entry('quorum_changed', { quorum: null }),
  entry('room_changed', { visibility: 'public' }),
  entry('meeting_begun', { meeting: 3, number: 2 }),
  entry('meeting_ended', { meeting: 3, number: 2 }),
  entry('poll_opened', { poll: 7, eligible: 9 }),
  entry('poll_paused', { poll: 7 }),
  entry('poll_continued', { poll: 7 }),
  entry('poll_changed', { poll: 7, closes_at: null, results: 'host' }),
  entry('admitted', { poll: 7, row: 31 }),
  entry('electorate_fixed', { poll: 7 }),
  entry('poll_closed', { poll: 7, verdict: 'carried' }),
  entry('poll_voided', { poll: 7 }),
  entry('results_published', { poll: 7, verdict: 'rejected' }),
  entry('backup_restored', { epoch: 2 }),
];

beforeAll(async () => {
  await texts.init({
    lng: 'en',
    resources: { en: { log: en, translation: allEn }, ko: { log: ko, translation: allKo } },
    interpolation: { escape: isolate },
  });
});

test.each(acts)('$kind is a sentence in both languages', (act) => {
  for (const language of ['en', 'ko']) {
    const said = describeAct(act, known, words(language));
    expect(said).toMatch(/[.다]/);
    expect(said).not.toMatch(/kind\.|undefined|\{\{|NaN/);
  }
});

test('every kind that has words is tried', () => {
  const parts: Partial<Record<string, string>> = { host_added: 'hosts_changed', host_removed: 'hosts_changed', codes_made_one: 'codes_made', member_restored_one: 'member_restored', member_restored_other: 'member_restored', codes_made_other: 'codes_made', poll_closes_at: 'poll_changed', poll_results: 'poll_changed', backup_restored_at: 'backup_restored' };
  const kinds = new Set(Object.keys(en.kind).map((key) => parts[key] ?? key));
  expect([...kinds].sort()).toEqual(acts.map(({ kind }) => kind).sort());
});

test('who acted is named where the name may be seen', () => {
  const t = words('en');
  expect(describeActor('u12', known, t)).toBe('Mina');
  expect(describeActor('u13', known, t)).toBe('somebody (u13)');
  expect(describeActor('clock', known, t)).toBe('The clock');
});

test('rows are named, and of many how many more', () => {
  const many = entry('roll_changed', { rows: { added: [[31, 40]], changed: [], removed: [] } });
  expect(describeMore(many, known, words('en'), texts.getFixedT('en', 'translation'))).toEqual(['Added: Noah, somebody (r32), somebody (r33), somebody (r34), somebody (r35) and 5 more']);
});

test.each([
  [{ quorum: { count: 7 }, quorum_rule: 'record' }, 'Quorum set: at least 7. If it is missed, that is recorded.'],
  [
    { quorum: { num: 1, den: 2, rule: 'more_than' }, quorum_rule: 'require' },
    'Quorum set: more than 1/2 of those who may vote. If it is missed, nothing is decided.',
  ],
  [{ quorum: null, quorum_rule: 'require' }, 'The quorum was removed'],
])('a change of the quorum tells what it is now', (data, told) => {
  expect(describeMore(entry('quorum_changed', data), known, words('en'), texts.getFixedT('en', 'translation'))).toEqual([told]);
});
