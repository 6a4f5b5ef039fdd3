import { describe, expect, test } from 'vitest';

import en from '../locales/en.json';
import hostEn from '../locales/host.en.json';
import hostKo from '../locales/host.ko.json';
import ko from '../locales/ko.json';
import { pickLanguage } from './i18n';

const sources = import.meta.glob<string>(['../**/*.{ts,tsx}', '!../**/*.test.ts', '!../lib/generated/**'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

type Tree = { [key: string]: string | Tree };

const flatten = (tree: Tree, path = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[path + key, value] as [string, string]] : flatten(value, `${path}${key}.`),
  );

const plural = /_(zero|one|two|few|many|other)$/;
// No section has the same name in both: a key says by itself which one it is of.
const catalogues = { ko: flatten({ ...ko, ...hostKo }), en: flatten({ ...en, ...hostEn }) };
const variables = (text: string) => [...text.matchAll(/\{\{(\w+)/g)].map(([, name]) => name).sort();

/** Key without its plural ending → the variables used under it. */
const outline = (catalogue: [string, string][]) =>
  Object.fromEntries(catalogue.map(([key, text]) => [key.replace(plural, ''), variables(text)]));

describe('catalogues', () => {
  test('have the same keys with the same variables', () => {
    expect(outline(catalogues.en)).toEqual(outline(catalogues.ko));
  });

  test.each(['ko', 'en'] as const)('%s has every plural form of its language', (language) => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const counted = catalogues[language].map(([key]) => key).filter((key) => plural.test(key));
    const stems = [...new Set(counted.map((key) => key.replace(plural, '')))];

    expect(counted.sort()).toEqual(stems.flatMap((stem) => forms.map((form) => `${stem}_${form}`)).sort());
  });

  test.each(['ko', 'en'] as const)('%s leaves nothing empty', (language) => {
    expect(catalogues[language].filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  // “People who are removed”, not “Who is removed”: the words of a label or a question may begin so.
  test('in English say of whom a sentence is', () => {
    const nameless = /(^|[.;:,] )who(ever)? [^.?]*\./i;
    expect(catalogues.en.filter(([, text]) => nameless.test(text))).toEqual([]);
  });

  test('of every page and of the desk share no section', () => {
    expect(Object.keys(hostKo).filter((section) => section in ko)).toEqual([]);
  });

  // That every key that is asked for exists, the compiler knows.
  test('hold nothing that no page says', () => {
    const said = /(['`])((?:translation:)?[\w-]+\.(?:\$\{[^}]*\}|[\w.-])+)\1/g;
    const texts = Object.values(sources).flatMap((source) => [...source.matchAll(said)].map(([, , text = '']) => text));
    const asked = texts.map((text) => text.replace('translation:', '').replace(/\./g, '\\.').replace(/\$\{[^}]*\}/g, '[\\w-]+'));
    const isAsked = new RegExp(`^(${[...new Set(asked)].join('|')})$`);

    expect(Object.keys(outline(catalogues.en)).filter((key) => !isAsked.test(key))).toEqual([]);
  });

  test('Korean puts no particle after a name', () => {
    const particles = /\}\}(은|는|이|가|을|를|와|과|으로|로)(?=[\s.,]|$)/;

    expect(catalogues.ko.filter(([, text]) => particles.test(text))).toEqual([]);
  });
});

describe('pickLanguage', () => {
  test.each([
    [['en-GB', 'ko'], 'en'],
    [['fr', 'en'], 'en'],
    [[null, 'ko-KR'], 'ko'],
    [['fr'], 'ko'],
    [[], 'ko'],
  ])('picks from %j', (wishes, language) => {
    expect(pickLanguage(wishes)).toBe(language);
  });
});
