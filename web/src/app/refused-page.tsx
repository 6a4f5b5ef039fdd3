// A room that lets one not in: why, and the ways that may be left.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Page } from '../components/page';
import { Logo } from '../components/room-logo';
import { useInvitation } from '../features/auth/use-entry-room';
import { CodeForm } from '../features/room/code-form';
import { useGuestKey } from '../lib/claims';
import type { Problem } from '../lib/contract';
import { useSession } from '../lib/session';
import { useTones } from '../lib/use-tones';

/** `known`: one was in it a moment ago. */
export function RefusedPage({ code, refusal, known }: { code: string; refusal: Problem; known: boolean }) {
  const { t } = useTranslation();
  const { token } = useSession();
  const to = `/r/${code}`;
  const hidden = refusal.code === 'not_found';
  const asked = useGuestKey(code) !== null && hidden && token === null;
  const { look, over } = useInvitation(code, asked);
  const invited = asked && !over;
  useTones(look?.colour ?? null);
  if (invited && look === undefined) return <Page title={t('room.title', { code })} className="narrow">{null}</Page>;
  const hint = invited ? 'refused.invitedHint' : over ? 'auth.guestLinkOver' : known ? 'refused.deletedHint' : 'refused.goneHint';

  return (
    <Page
      title={invited ? (look?.name ?? t('room.title', { code })) : t(hidden && known ? 'refused.deleted' : 'refused.gone')}
      mark={<Logo logo={look?.logo ?? null} />}
      className="narrow"
    >
      <p>{hidden ? t(hint) : refusal.detail}</p>
      {hidden && !known && !invited && !over && <CodeForm key={code} tried={code} />}
      {hidden && (
        <div className="stack">
          {invited && (
            <Link className="button primary" to="/signin" state={{ back: { to, state: null, way: 'guest' } }}>
              {t('auth.asGuest')}
            </Link>
          )}
          {token === null && (
            <Link className={invited ? 'button secondary' : 'button primary'} to="/signin" state={{ back: { to, state: null, way: 'account' } }}>
              {t('auth.signIn')}
            </Link>
          )}
          <Link className="button secondary" to="/signin" state={{ back: { to, state: null, way: 'code' } }}>
            {t('auth.byCode')}
          </Link>
        </div>
      )}
      <p className="aside">
        <Link to="/">{t('app.home')}</Link>
      </p>
    </Page>
  );
}
