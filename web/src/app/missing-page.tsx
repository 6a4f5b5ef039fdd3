// An address that leads nowhere.
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Page } from '../components/page';

export function MissingPage({ title }: { title: string }) {
  const { t } = useTranslation();

  return (
    <Page title={title} className="narrow">
      <p>
        <Link to="/">{t('app.home')}</Link>
      </p>
    </Page>
  );
}
