// The log's own words: a catalogue that only its readers download.
import i18next from 'i18next';
import { useTranslation } from 'react-i18next';

import en from '../../locales/log.en.json';
import ko from '../../locales/log.ko.json';

i18next.addResourceBundle('ko', 'log', ko);
i18next.addResourceBundle('en', 'log', en);

/** The log's texts as they are; those of every page under `translation:`. */
export function useWords() {
  const { t, i18n } = useTranslation(['log', 'translation']);
  return { t, language: i18n.language };
}

export type Words = ReturnType<typeof useWords>['t'];

export { useFaultText } from '../../lib/use-fault-text';
