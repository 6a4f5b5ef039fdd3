// The text of a fault in the page's language, as a whole or at the fields of a host's form.
import { useTranslation } from 'react-i18next';

import { describeFault, wordDeskFaults } from './faults';

export function useFaultText() {
  const { t } = useTranslation();
  return (fault: unknown) => describeFault(fault, t);
}

export function useDeskFaults() {
  const { t } = useTranslation();
  return (fault: unknown) => wordDeskFaults(fault, t);
}
