// The page on which one comes into a room. It names the room, where one may know that there is such a room.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Page } from '../../components/page';
import './ways.css';

/** `name`: undefined until it is known whether one may know it; what it says would move the page if it came later. */
type EntryPageProps = { code: string; name: string | null | undefined; children: ReactNode };

export function EntryPage({ code, name, children }: EntryPageProps) {
  const { t } = useTranslation();
  const lead = (
    <div className="entry-room">
      {name && <p className="tagline"><strong><bdi>{name}</bdi></strong></p>}
      <p className="hint">{t('room.code', { code })}</p>
    </div>
  );
  return (
    <Page title={t('auth.enterRoom')} className="narrow" lead={name !== undefined && lead}>
      {children}
    </Page>
  );
}
