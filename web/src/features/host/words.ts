// The desk's own words: a second catalogue, so that a voter's phone does not download what only hosts read. `withWords`
// fetches them with the desk.
import { useTranslation } from 'react-i18next';

/** The desk's texts as they are; those of every page under `translation:`. */
export function useWords() {
  const { t, i18n } = useTranslation(['host', 'translation']);
  return { t, language: i18n.language };
}

export type Words = ReturnType<typeof useWords>['t'];

export { useDeskFaults, useFaultText } from '../../lib/use-fault-text';
