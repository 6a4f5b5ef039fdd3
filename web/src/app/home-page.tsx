// The start: what this is, and the way into a room.
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';

import { Page } from '../components/page';
import { CodeForm } from '../features/room/code-form';
import { MyRooms } from '../features/room/my-rooms';
import { withWords } from '../lib/i18n';
import { useSession } from '../lib/session';

const MakeRoom = lazy(() => withWords(['host', 'more'], import('../features/host/make-room')));

export function HomePage() {
  const { t } = useTranslation();
  const { token } = useSession();
  const [query] = useSearchParams();

  if (query.has('new') && token !== null) {
    return (
      <Suspense fallback={<Page title="Rollcall">{t('app.loading')}</Page>}>
        <MakeRoom />
      </Suspense>
    );
  }

  return (
    <Page title="Rollcall" className="narrow" lead={<p className="tagline">{t('app.tagline')}</p>}>
      <p>{t('home.what')}</p>
      <CodeForm />
      <MyRooms />
      <p className="aside">
        <Link to="/r/lobby">{t('home.lobby')}</Link>
      </p>
    </Page>
  );
}
