// The log's own words: a catalogue that only its readers download. `withWords` fetches them with the page.
import { useTranslation } from 'react-i18next';

/** The log's texts as they are; those of every page under `translation:`. */
export function useWords() {
  const { t, i18n } = useTranslation(['log', 'translation']);
  return { t, language: i18n.language };
}

export type Words = ReturnType<typeof useWords>['t'];

export { useFaultText } from '../../lib/use-fault-text';
