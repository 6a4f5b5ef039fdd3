import { describe, expect, test } from 'vitest';

import { languages, pickLanguage } from './languages';

type Tree = { [key: string]: string | Tree };
type Files = Record<string, Tree>;

// As the build gives them to the pages, so in parts, though a language is one file or three.
const parts = {
  '': import.meta.glob('../locales/??.json', { query: '?part=pages', import: 'default', eager: true }) as Files,
  ' ': import.meta.glob('../locales/??.json', { query: '?part=more', import: 'default', eager: true }) as Files,
  'host:': import.meta.glob('../locales/??.json', { query: '?part=host', import: 'default', eager: true }) as Files,
  'log:': import.meta.glob('../locales/??.json', { query: '?part=log', import: 'default', eager: true }) as Files,
};

const sources = import.meta.glob<string>(['../**/*.{ts,tsx}', '!../**/*.test.ts', '!../lib/generated/**'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

const flatten = (tree: Tree, path = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[path + key, value] as [string, string]] : flatten(value, `${path}${key}.`),
  );

const plural = /_(zero|one|two|few|many|other)$/;
const readCatalogue = (language: string) =>
  Object.entries(parts).flatMap(([part, files]) => flatten(files[`../locales/${language}.json`] ?? {}, part.trim()));
const catalogues: Record<string, [string, string][]> = Object.fromEntries(languages.map((language) => [language, readCatalogue(language)]));
const read = (language: string) => catalogues[language] ?? [];
const variables = (text: string) => [...text.matchAll(/\{\{(\w+)/g)].map(([, name]) => name).sort();

/** Key without its plural ending → the variables used under it. */
const outline = (catalogue: [string, string][]) =>
  Object.fromEntries(catalogue.map(([key, text]) => [key.replace(plural, ''), variables(text)]));

describe('catalogues', () => {
  test.each(languages)('%s has the keys of Korean, with the same variables', (language) => {
    expect(outline(read(language))).toEqual(outline(read('ko')));
  });

  test.each(languages)('%s has every plural form of its language', (language) => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const counted = read(language).map(([key]) => key).filter((key) => plural.test(key));
    const stems = [...new Set(counted.map((key) => key.replace(plural, '')))];

    expect(counted.sort()).toEqual(stems.flatMap((stem) => forms.map((form) => `${stem}_${form}`)).sort());
  });

  test.each(languages)('%s leaves nothing empty', (language) => {
    expect(read(language).filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  // “People who are removed”, not “Who is removed”: the words of a label or a question may begin so.
  test('in English say of whom a sentence is', () => {
    const nameless = /(^|[.;:,] )who(ever)? [^.?]*\./i;
    expect(read('en').filter(([, text]) => nameless.test(text))).toEqual([]);
  });

  // That every key that is asked for exists, the compiler knows.
  test('hold nothing that no page says', () => {
    const said = /(['`])((?:translation:)?[\w-]+\.(?:\$\{[^}]*\}|[\w.-])+)\1/g;
    const texts = Object.values(sources).flatMap((source) => [...source.matchAll(said)].map(([, , text = '']) => text));
    const asked = texts.map((text) => text.replace('translation:', '').replace(/\./g, '\\.').replace(/\$\{[^}]*\}/g, '[\\w-]+'));
    const isAsked = new RegExp(`^(${[...new Set(asked)].join('|')})$`);

    expect(Object.keys(outline(read('en'))).filter((key) => !key.startsWith('log:') && !isAsked.test(key.replace('host:', '')))).toEqual([]);
  });

  test('Korean puts no particle after a name', () => {
    const particles = /\}\}(은|는|이|가|을|를|와|과|으로|로)(?=[\s.,]|$)/;

    expect(read('ko').filter(([, text]) => particles.test(text))).toEqual([]);
  });
});

describe('pickLanguage', () => {
  test.each([
    [['en-GB', 'ko'], 'en'],
    [['fr', 'en'], 'en'],
    [['de-AT', 'en'], 'en'],
    [['de-AT', 'fr'], 'de'],
    [[null, 'ko-KR'], 'ko'],
    [['fr'], 'ko'],
    [[], 'ko'],
  ])('picks from %j', (wishes, language) => {
    expect(pickLanguage(wishes)).toBe(language);
  });
});
