import i18next from 'i18next';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { chooseLanguage, startI18n } from './i18n';
import { isolate, listNames } from './isolate';

describe('isolate', () => {
  test.each(['Ada Park', '김하늘', '3:05', '66.7%', '', 'O’Neill (2)'])('leaves "%s", which turns nothing', (text) => {
    expect(isolate(text)).toBe(text);
  });

  test.each([
    ['דנה (א)', '\u2068דנה (א)\u2069'],
    ['علي ٣', '\u2068علي ٣\u2069'],
    ['Ada \u202egnp', '\u2068Ada gnp\u2069'],
    ['דנה\u2069 12', '\u2068דנה 12\u2069'],
    ['\u200fAda', '\u2068\u200fAda\u2069'],
  ])('holds %j together', (text, isolated) => {
    expect(isolate(text)).toBe(isolated);
  });

  test('does so once, also for a list', () => {
    const list = listNames(['דנה', 'Ada', 'علي']);

    expect(list).toBe('\u2068דנה\u2069, Ada, \u2068علي\u2069');
    expect(isolate(list)).toBe(list);
  });
});

describe('every sentence', () => {
  beforeAll(async () => {
    vi.stubGlobal('document', { documentElement: { lang: '' } });
    vi.stubGlobal('navigator', { languages: ['en'] });
    await startI18n();
  });

  afterAll(() => vi.unstubAllGlobals());

  test.each(['en', 'ko'] as const)('isolates the names in it, in %s', async (language) => {
    await chooseLanguage(language);

    expect(i18next.t('chat.came', { names: 'דנה (א)' })).toContain('\u2068דנה (א)\u2069');
    expect(i18next.t('poll.rankHandle', { name: 'דנה', place: 12 })).toContain('\u2068דנה\u2069');
    expect(i18next.t('chat.onlineNow', { online: 12 })).not.toContain('\u2068');
    expect(i18next.t('room.opened', { title: '<b>A & B</b>' })).toContain('<b>A & B</b>');
  });
});
