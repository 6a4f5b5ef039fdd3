// Says why the server ended the session, until it is dismissed or somebody signs in.
import { useTranslation } from 'react-i18next';

import { dismissEnding, useSession } from '../lib/session';

const reasons = {
  token_expired: 'auth.endedExpired',
  not_found: 'auth.endedGone',
  account_deleted: 'auth.endedGone',
} as const;

export function SessionNotice() {
  const { t } = useTranslation();
  const { ended } = useSession();
  const reason = ended !== null && ended in reasons ? reasons[ended as keyof typeof reasons] : 'auth.endedGeneral';

  return (
    <div role="status" className="session-notice">
      {ended !== null && (
        <div className="notice">
          <p>{t(reason)}</p>
          <button type="button" className="quiet" onClick={dismissEnding}>
            {t('auth.dismiss')}
          </button>
        </div>
      )}
    </div>
  );
}
