// The one sentence that says how it stands with my ballot.
import { useTranslation } from 'react-i18next';

import type { ShownState } from '../../lib/contract';
import type { useBallot } from './use-ballot';

export function useBallotStatus(state: ShownState, view: ReturnType<typeof useBallot>): string {
  const { t } = useTranslation();
  const { mode, casting, choosing, receipt, unsent, barred } = view;
  if (casting.inFlight) return t(!casting.repeating ? 'poll.sending' : navigator.onLine ? 'poll.repeating' : 'poll.waiting');
  if (choosing) return state === 'paused' ? t('poll.pausedChoosing') : '';
  switch (mode) {
    case 'voted':
      if (casting.answer !== undefined) return t(casting.answer.changed ? 'poll.changed' : 'poll.recorded');
      return t(receipt === null ? 'poll.already' : 'poll.recorded');
    case 'barred':
      return t(`poll.barred.${barred}`);
    case 'closed':
      return t(unsent ? 'poll.unsent' : 'poll.closed');
    case 'draft':
    case 'counting':
    case 'void':
      return t(`poll.${mode}`);
    default:
      return '';
  }
}
