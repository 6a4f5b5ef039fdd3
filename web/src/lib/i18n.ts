// Which language the page speaks: the one chosen here before, else the browser's, else Korean.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

import en from '../locales/en.json';
import ko from '../locales/ko.json';
import { isolate } from './isolate';
import { keep, recall } from './storage';

export const languages = ['ko', 'en'] as const;
export type Language = (typeof languages)[number];

const key = 'rollcall.language';

/** The first of `wishes` that the page speaks. */
export function pickLanguage(wishes: readonly (string | null)[]): Language {
  for (const wish of wishes) {
    const found = languages.find((language) => wish?.toLowerCase().split('-')[0] === language);
    if (found !== undefined) return found;
  }
  return 'ko';
}

export function currentLanguage(): Language {
  return pickLanguage([i18next.language]);
}

export function chooseLanguage(language: Language): void {
  keep(key, language);
  void i18next.changeLanguage(language);
}

/** Ready when it returns: the catalogues are part of the bundle. */
export function startI18n(): void {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language;
  });
  void i18next.use(initReactI18next).init({
    initAsync: false,
    lng: pickLanguage([recall(key), ...navigator.languages]),
    fallbackLng: false,
    resources: { ko: { translation: ko }, en: { translation: en } },
    // React escapes what it draws; here names are kept from reordering the sentence around them.
    interpolation: { escape: isolate },
  });
}
