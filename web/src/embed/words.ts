// The words of the embedded tally: of its language, only the sections that it shows.
import i18next, { type TFunction } from 'i18next';

import { isolate } from '../lib/isolate';
import { wishedLanguage } from '../lib/languages';

type Words = Record<string, unknown>;

const catalogues = import.meta.glob('../locales/??.json', { query: '?part=embed', import: 'default' }) as Record<
  string,
  () => Promise<Words>
>;

/** The words of the language that the address names, else of the browser's, else Korean. */
export async function readWords(named: string | null): Promise<{ t: TFunction; language: string }> {
  const language = wishedLanguage(named ?? '');
  const words = await catalogues[`../locales/${language}.json`]?.();
  void i18next.init({
    initAsync: false,
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: words ?? {} } },
    interpolation: { escape: isolate },
  });
  return { t: i18next.t, language };
}
