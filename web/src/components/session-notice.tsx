// Says that the server ended the session, until it is dismissed or somebody signs in.
import { useTranslation } from 'react-i18next';

import { dismissEnding, useSession } from '../lib/session';

export function SessionNotice() {
  const { t } = useTranslation();
  const { ended } = useSession();

  return (
    <div role="status" className="session-notice">
      {ended !== null && (
        <div className="notice">
          <p>{t('auth.ended')}</p>
          <button type="button" className="quiet" onClick={dismissEnding}>
            {t('auth.dismiss')}
          </button>
        </div>
      )}
    </div>
  );
}
