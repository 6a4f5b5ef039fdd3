// The frame of every page but the hall's screen.
import { useTranslation } from 'react-i18next';
import { Link, Outlet } from 'react-router';

import { LanguageButton } from '../components/language-button';
import { SessionNotice } from '../components/session-notice';
import { AccountMenu } from '../features/auth/account-menu';

export function Layout() {
  const { t } = useTranslation();

  return (
    <>
      <a className="skip" href="#content">
        {t('app.skip')}
      </a>
      <header className="top">
        <Link className="brand" to="/">
          Rollcall
        </Link>
        <div className="top-tools">
          <AccountMenu />
          <LanguageButton />
        </div>
      </header>
      <SessionNotice />
      <Outlet />
    </>
  );
}
