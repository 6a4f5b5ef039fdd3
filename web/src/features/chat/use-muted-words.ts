// What a muted person reads in place of writing; null once they may write, also when their time ends by itself.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { You } from '../../lib/contract';
import { formatTime } from '../../lib/format';
import { roomQuery } from '../../lib/queries';
import { serverNowMs } from '../../lib/server-clock';

export function useMutedWords(code: string, muted: You['muted']): string | null {
  const { t, i18n } = useTranslation();
  const zone = useQuery(roomQuery(code)).data?.timezone;
  const endsAt = muted?.ends_at ?? null;
  const [ended, setEnded] = useState<string | null>(null);

  useEffect(() => {
    if (endsAt === null) return;
    const timer = setTimeout(() => setEnded(endsAt), Math.max(0, Date.parse(endsAt) - serverNowMs()));
    return () => clearTimeout(timer);
  }, [endsAt]);

  if (!muted || (endsAt !== null && ended === endsAt)) return null;
  return endsAt === null ? t('chat.muted') : t('chat.mutedUntil', { time: formatTime(endsAt, i18n.language, zone) });
}
