// Who one is here, by an account or by a seat in this room, and the way in or out.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';

import { AskOnce } from '../../components/ask-once';
import { meQuery } from '../../lib/queries';
import { leaveSession, useSession } from '../../lib/session';
import { signOut } from './api';

export function AccountMenu() {
  const { t } = useTranslation();
  const { token, seat } = useSession();
  const { pathname } = useLocation();
  const me = useQuery({ ...meQuery(token), enabled: token !== null && seat === null }).data;

  if (token === null) {
    if (pathname === '/signin') return null;
    return (
      <Link className="quiet" to="/signin" state={{ back: { to: pathname, state: null, way: 'account' } }}>
        {t('auth.signIn')}
      </Link>
    );
  }

  const name = seat?.name ?? me?.name;
  const leave = () => {
    leaveSession();
    // Without an answer the token dies by its own clock; nobody at this device has it any more.
    signOut(token).catch(() => undefined);
  };

  return (
    <div className="account" role="group" aria-label={t('auth.account')}>
      {name === undefined && <span className="account-name" />}
      {name !== undefined && seat !== null && <span className="account-name">{t('auth.greeting', { name })}</span>}
      {name !== undefined && seat === null && (
        <Link className="account-name" to="/account">
          {t('auth.greeting', { name })}
        </Link>
      )}
      {seat?.hosts === undefined ? (
        <button type="button" className="quiet" onClick={leave}>
          {t(seat === null ? 'auth.signOut' : 'auth.leaveSeat')}
        </button>
      ) : (
        <AskOnce
          label={t('auth.leaveSeat')}
          className="quiet"
          title={t('auth.leaveHosting')}
          confirm={t('auth.leaveSeat')}
          danger
          act={() => Promise.resolve().then(leave)}
        >
          <p>{t('auth.leaveHostingBody')}</p>
        </AskOnce>
      )}
    </div>
  );
}
