// The text of a fault in the page's language.
import { useTranslation } from 'react-i18next';

import { describeFault } from './faults';

export function useFaultText() {
  const { t } = useTranslation();
  return (fault: unknown) => describeFault(fault, t);
}
