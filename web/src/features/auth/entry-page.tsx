// The page on which one comes into a room. It names the room, where one may know that there is such a room.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Page } from '../../components/page';
import { Logo } from '../../components/room-logo';
import { useTones } from '../../lib/use-tones';
import type { RoomLook } from './use-entry-room';
import './ways.css';

/** `look`: undefined until it is known whether one may know it; what it says would move the page if it came later. */
type EntryPageProps = { code: string; look: RoomLook | null | undefined; children: ReactNode };

export function EntryPage({ code, look, children }: EntryPageProps) {
  const { t } = useTranslation();
  useTones(look?.colour ?? null);
  const lead = (
    <div className="entry-room">
      {look && (
        <p className="tagline">
          <Logo logo={look.logo} />
          <strong><bdi>{look.name}</bdi></strong>
        </p>
      )}
      <p className="hint">{t('room.code', { code })}</p>
    </div>
  );
  return (
    <Page title={t('auth.enterRoom')} className="narrow" lead={look !== undefined && lead}>
      {children}
    </Page>
  );
}
