// Who one is here, by an account or by a seat in this room, and the way in or out.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';

import { AskOnce } from '../../components/ask-once';
import { useUnsent } from '../../lib/casts';
import { meQuery } from '../../lib/queries';
import { leaveSession, useSession } from '../../lib/session';
import { signOut } from './api';

export function AccountMenu() {
  const { t } = useTranslation();
  const { token, seat } = useSession();
  const unsent = useUnsent(token);
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
  const label = t(seat === null ? 'auth.signOut' : 'auth.leaveSeat');
  const hosts = seat?.hosts !== undefined;
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
      {!hosts && !unsent ? (
        <button type="button" className="quiet" onClick={leave}>
          {label}
        </button>
      ) : (
        <AskOnce
          label={label}
          className="quiet"
          title={t(hosts ? 'auth.leaveHosting' : 'auth.leaveUnsent')}
          confirm={label}
          danger
          act={() => Promise.resolve().then(leave)}
        >
          {hosts && <p>{t('auth.leaveHostingBody')}</p>}
          {unsent && <p>{t('auth.leaveUnsentBody')}</p>}
        </AskOnce>
      )}
    </div>
  );
}
