// An address that leads nowhere; where a room's code was mistyped, it is typed again here.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Page } from '../components/page';
import { CodeForm } from '../features/room/code-form';

export function MissingPage({ title, asksCode = false }: { title: string; asksCode?: boolean }) {
  const { t } = useTranslation();

  return (
    <Page title={title} className="narrow">
      {asksCode && <CodeForm />}
      <p>
        <Link to="/">{t('app.home')}</Link>
      </p>
    </Page>
  );
}
