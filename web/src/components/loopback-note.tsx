// Says that a join address works on this computer alone; nothing where phones can open it.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { isLoopback } from '../lib/address';

export function LoopbackNote({ address, children }: { address: string; children?: ReactNode }) {
  const { t } = useTranslation();
  if (!isLoopback(address)) return null;

  return (
    <div className="loopback-note" role="note">
      <p>{t('screen.loopback')}</p>
      {children}
    </div>
  );
}
