// The words of the embedded tally: of each language only the sections that it shows.
import i18next, { type TFunction } from 'i18next';

import { isolate } from '../lib/isolate';

type Found = Record<string, Record<string, unknown>>;

const found: Record<string, Found> = {
  answer: import.meta.glob('../locales/??.json', { import: 'answer', eager: true }),
  embed: import.meta.glob('../locales/??.json', { import: 'embed', eager: true }),
  link: import.meta.glob('../locales/??.json', { import: 'link', eager: true }),
  results: import.meta.glob('../locales/??.json', { import: 'results', eager: true }),
  state: import.meta.glob('../locales/??.json', { import: 'state', eager: true }),
  verdict: import.meta.glob('../locales/??.json', { import: 'verdict', eager: true }),
};

/** Language → section → words. */
const catalogues: Found = {};
for (const [section, files] of Object.entries(found)) {
  for (const [file, words] of Object.entries(files)) {
    const language = /(\w+)\.json$/.exec(file)?.[1] ?? '';
    catalogues[language] = { ...catalogues[language], [section]: words };
  }
}

/** The words in the first of `wishes` that there is a catalogue for, else in Korean. */
export function readWords(wishes: readonly (string | null)[]): { t: TFunction; language: string } {
  const known = wishes.map((wish) => wish?.toLowerCase().split('-')[0] ?? '');
  const language = known.find((each) => each in catalogues) ?? 'ko';
  void i18next.init({
    initAsync: false,
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: catalogues[language] ?? {} } },
    interpolation: { escape: isolate },
  });
  return { t: i18next.t, language };
}
