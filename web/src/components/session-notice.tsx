// Says why the server ended the session, until it is dismissed or somebody signs in.
import { useTranslation } from 'react-i18next';

import { dismissEnding, useSession } from '../lib/session';

export function SessionNotice() {
  const { t } = useTranslation();
  const { ended } = useSession();

  return (
    <div role="status" className="session-notice">
      {ended !== null && (
        <div className="notice">
          <p>{t(ended === 'token_expired' ? 'auth.endedExpired' : 'auth.endedGeneral')}</p>
          <button type="button" className="quiet" onClick={dismissEnding}>
            {t('auth.dismiss')}
          </button>
        </div>
      )}
    </div>
  );
}
