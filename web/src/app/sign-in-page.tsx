// The way in, and back to where one came from. For a room there are more ways than an account.
import { useState, type ComponentProps } from 'react';
import { useTranslation } from 'react-i18next';
import { Navigate, useLocation, useNavigate } from 'react-router';

import { Page } from '../components/page';
import { EntryForm } from '../features/auth/entry-form';
import { EntryPage } from '../features/auth/entry-page';
import type { EntryMode } from '../features/auth/use-enter';
import { useEntryLook } from '../features/auth/use-entry-room';
import { WaysIn } from '../features/auth/ways-in';
import { readBack } from '../lib/back';
import { readRoomPath } from '../lib/code';
import { useSignUpRule } from '../lib/queries';
import { useSession } from '../lib/session';

export function SignInPage() {
  const { t } = useTranslation();
  const { token } = useSession();
  const navigate = useNavigate();
  const { to, state, way } = readBack(useLocation().state);
  const room = readRoomPath(to);
  const [wanted, setMode] = useState<EntryMode>('sign-in');
  const mode = useSignUpRule() === 'closed' ? 'sign-in' : wanted;

  // One who is signed in comes here only to take a place on a roll.
  const claiming = token !== null && way === 'code';
  if (token !== null && !claiming) return <Navigate to={to} state={state} replace />;

  if (room === null) {
    return (
      <Page title={t(mode === 'sign-up' ? 'auth.signUp' : 'auth.signIn')} className="narrow">
        <EntryForm room={room} mode={mode} onMode={setMode} />
      </Page>
    );
  }

  return <RoomEntry room={room} asked={way} {...(claiming && { only: 'code' })} onDone={() => void navigate(to, { state, replace: true })} />;
}

function RoomEntry(ways: ComponentProps<typeof WaysIn>) {
  return (
    <EntryPage code={ways.room} look={useEntryLook(ways.room)}>
      <WaysIn {...ways} />
    </EntryPage>
  );
}
