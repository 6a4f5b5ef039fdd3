// The way in, and back to where one came from. For a room there are more ways than an account.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useLocation, useNavigate } from 'react-router';

import { Page } from '../components/page';
import { Tabs, type Tab } from '../components/tabs';
import { EntryForm } from '../features/auth/entry-form';
import { ClaimForm, GuestForm } from '../features/auth/seat-form';
import type { EntryMode } from '../features/auth/use-enter';
import { readBack } from '../lib/back';
import { readRoomPath } from '../lib/code';
import { useSignUpRule } from '../lib/queries';
import { useSession } from '../lib/session';

type Way = 'account' | 'guest' | 'code';

export function SignInPage() {
  const { t } = useTranslation();
  const { token } = useSession();
  const navigate = useNavigate();
  const { to, state, way: asked } = readBack(useLocation().state);
  const room = readRoomPath(to);
  const [way, setWay] = useState<Way>(asked ?? 'account');
  const [wanted, setMode] = useState<EntryMode>('sign-in');
  const mode = useSignUpRule() === 'closed' ? 'sign-in' : wanted;

  // One who is signed in comes here only to take a place on a roll.
  const claiming = token !== null && asked === 'code';
  if (token !== null && !claiming) return <Navigate to={to} state={state} replace />;

  const goBack = () => void navigate(to, { state, replace: true });
  const account = <EntryForm room={room} mode={mode} onMode={setMode} />;
  const accountTitle = t(mode === 'sign-up' ? 'auth.signUp' : 'auth.signIn');
  if (room === null) {
    return (
      <Page title={accountTitle} className="narrow">
        {account}
      </Page>
    );
  }

  const code: Tab<Way> = { id: 'code', label: t('auth.byCode'), content: <ClaimForm room={room} onDone={goBack} /> };
  const tabs: Tab<Way>[] = [
    { id: 'account', label: t('auth.signIn'), content: <div className="stack">{account}</div> },
    { id: 'guest', label: t('auth.asGuest'), content: <GuestForm room={room} onDone={goBack} /> },
    code,
  ];

  return (
    <Page title={t('auth.enterRoom')} className="narrow" lead={<p className="tagline">{t('room.code', { code: room })}</p>}>
      <Tabs label={t('auth.how')} tabs={claiming ? [code] : tabs} shown={claiming ? 'code' : way} onShow={setWay} />
    </Page>
  );
}
