// The start: what this is, and the way into a room.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Page } from '../components/page';
import { CodeForm } from '../features/room/code-form';

export function HomePage() {
  const { t } = useTranslation();

  return (
    <Page title="Rollcall" className="narrow" lead={<p className="tagline">{t('app.tagline')}</p>}>
      <p>{t('home.what')}</p>
      <CodeForm />
      <p className="aside">
        <Link to="/r/lobby">{t('home.lobby')}</Link>
      </p>
    </Page>
  );
}
