// The time left until something, by the server's clock; it ticks with that clock's seconds.
import { useEffect, useReducer } from 'react';
import { useTranslation } from 'react-i18next';

import { formatCountdown } from '../lib/format';
import { serverNowMs } from '../lib/server-clock';

/** Whole seconds left until an RFC 3339 time, 0 from then on; null where there is no such time. */
export function useSecondsLeft(until: string | null): number | null {
  const [, tick] = useReducer((count: number) => count + 1, 0);
  const leftMs = until === null ? null : Math.max(0, Date.parse(until) - serverNowMs());

  useEffect(() => {
    if (leftMs === null || leftMs === 0) return;
    const timer = setTimeout(tick, leftMs % 1000 || 1000);
    return () => clearTimeout(timer);
  });

  return leftMs === null ? null : Math.ceil(leftMs / 1000);
}

/** "Closes in 3:05"; nothing for what is more than a day away. */
export function Countdown({ until }: { until: string }) {
  const { t } = useTranslation();
  const seconds = useSecondsLeft(until);
  if (seconds === null || seconds > 24 * 3600) return null;

  return (
    <span role="timer" className="countdown" data-soon={seconds <= 60}>
      {t('poll.closesIn', { time: formatCountdown(seconds) })}
    </span>
  );
}
