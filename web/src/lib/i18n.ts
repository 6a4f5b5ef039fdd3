// Which language the page speaks, and which of its words are there.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

import { isolate } from './isolate';
import { fetchWords, languageKey, languages, wishedLanguage, type Part } from './languages';
import { keep } from './storage';

const wanted = new Set<Part>(['pages']);
const spoken = new Set<string>();
let chosen = '';

export function currentLanguage(): string {
  return languages.find((language) => language === i18next.language) ?? 'ko';
}

async function addWords(language: string, part: Part): Promise<void> {
  const words = await fetchWords(language, part);
  i18next.addResourceBundle(language, part === 'host' || part === 'log' ? part : 'translation', words, true, true);
}

/** Changes the language when its words are there: of everything that is shown, or was. */
export async function chooseLanguage(language: string): Promise<void> {
  keep(languageKey, language);
  chosen = language;
  spoken.add(language);
  await Promise.all([...wanted].map((part) => addWords(language, part)));
  if (chosen === language) await i18next.changeLanguage(language);
}

/** Fetches a part's words, now and in each language that is chosen later. */
async function wantWords(part: Part): Promise<void> {
  wanted.add(part);
  await Promise.all([...spoken].map((language) => addWords(language, part)));
}

/** Code that is fetched when it is needed, together with its words: for `lazy`. */
export async function withWords<T>(parts: Part[], code: Promise<T>): Promise<T> {
  await Promise.all(parts.map(wantWords));
  return code;
}

/** Ready when the words are there. */
export async function startI18n(): Promise<void> {
  chosen = wishedLanguage();
  spoken.add(chosen);
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language;
  });
  void i18next.use(initReactI18next).init({
    initAsync: false,
    lng: chosen,
    fallbackLng: false,
    resources: {},
    saveMissing: true,
    missingKeyHandler: (_, __, key) => console.error(`There are no words for ${key}.`),
    // React escapes what it draws; here names are kept from reordering the sentence around them.
    interpolation: { escape: isolate },
  });
  await addWords(chosen, 'pages');
}
