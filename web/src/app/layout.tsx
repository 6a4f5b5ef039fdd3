// The frame of every page but the hall's screen.
import { useTranslation } from 'react-i18next';
import { Link, Outlet } from 'react-router';

import { LanguageMenu } from '../components/language-menu';
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
          <LanguageMenu />
        </div>
      </header>
      <SessionNotice />
      <Outlet />
    </>
  );
}
