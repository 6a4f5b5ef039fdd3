// What one is in this room, where that keeps one from voting, and the way in.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';

import type { Back } from '../../lib/back';
import { youQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';

export function StandingNote({ code }: { code: string }) {
  const { t } = useTranslation();
  const { token } = useSession();
  const { pathname } = useLocation();
  const role = useQuery(youQuery(code, token)).data?.role;
  const back = (way?: Back['way']) => ({ back: { to: pathname, state: null, ...(way && { way }) } });

  if (token === null) {
    return (
      <div className="card standing">
        <p>
          <strong>{t('room.welcome')}</strong> <span className="standing-more">{t('room.welcomeHint')}</span>
        </p>
        <Link className="button primary" to="/signin" state={back()}>
          {t('auth.enter')}
        </Link>
      </div>
    );
  }
  if (role === 'visitor') {
    return (
      <div className="card standing">
        <p>
          <strong>{t('room.visitor')}</strong> {t('room.visitorHint')}
        </p>
        <Link className="button secondary" to="/signin" state={back('code')}>
          {t('auth.rollCode')}
        </Link>
      </div>
    );
  }
  return role === 'observer' ? <p className="hint">{t('room.observer')}</p> : null;
}
