// How many are here, and whether they are enough.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { presenceQuery } from '../../lib/queries';

export function PresenceLine({ code }: { code: string }) {
  const { t } = useTranslation();
  const presence = useQuery(presenceQuery(code)).data;
  if (presence === undefined) return null;

  const { online, present, quorum } = presence;
  const { required } = quorum;

  return (
    <ul className="facts">
      <li>{t('room.online', { count: online })}</li>
      <li>{t('room.present', { count: present })}</li>
      {required !== null && <li>{t(quorum.met === true ? 'room.quorumMet' : 'room.quorumUnmet', { required })}</li>}
    </ul>
  );
}
