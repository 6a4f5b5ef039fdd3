// Says, small, that the connection is lost and how old the state on the wall is; nothing while it stands.
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { LinkStatus } from '../../components/link-status';
import type { Link } from '../../lib/follow-room';

const tickMs = 10_000;

export function LinkAge({ link }: { link: Link }) {
  const { t } = useTranslation();

  return (
    <div className="link-age">
      <LinkStatus link={link}>{t('link.lostScreen')}</LinkStatus>
      {link === 'lost' && <Age />}
    </div>
  );
}

/** Mounted when the connection goes: it counts from then. */
function Age() {
  const { t } = useTranslation();
  const [since] = useState(() => Date.now());
  const [nowMs, setNowMs] = useState(since);

  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), tickMs);
    return () => clearInterval(timer);
  }, []);

  const minutes = Math.floor((nowMs - since) / 60_000);
  if (minutes < 1) return null;
  return (
    <p aria-hidden="true">
      {minutes < 60 ? t('screen.minutesOld', { count: minutes }) : t('screen.hoursOld', { count: Math.floor(minutes / 60) })}
    </p>
  );
}
