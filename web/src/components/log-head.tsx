// The head of a room's log, in its short form: how many entries there are, and how the hash of the last begins.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { headQuery } from '../lib/queries';

export const shortHash = (hash: string) => `${hash.slice(0, 4)} ${hash.slice(4, 8)}`;

export function LogHead({ code }: { code: string }) {
  const { t } = useTranslation();
  const head = useQuery(headQuery(code)).data;
  if (head === undefined || head.n === 0) return null;

  return (
    <p className="log-head">
      {t('logWatch.head', { n: head.n })} <code translate="no">{shortHash(head.hash)}</code>
    </p>
  );
}
