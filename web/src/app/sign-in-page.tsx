// Signing in or up, and back to where one came from.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useLocation } from 'react-router';

import { Page } from '../components/page';
import { EntryForm } from '../features/auth/entry-form';
import type { EntryMode } from '../features/auth/use-enter';
import { readBack } from '../lib/back';
import { useSession } from '../lib/session';

export function SignInPage() {
  const { t } = useTranslation();
  const { token } = useSession();
  const { to, state } = readBack(useLocation().state);
  const [mode, setMode] = useState<EntryMode>('sign-in');

  if (token !== null) return <Navigate to={to} state={state} replace />;

  return (
    <Page title={t(mode === 'sign-up' ? 'auth.signUp' : 'auth.signIn')} className="narrow">
      <EntryForm mode={mode} onMode={setMode} />
    </Page>
  );
}
