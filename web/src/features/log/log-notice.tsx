// Warns where a room's log doesn't continue what this browser saw of it before.
import { useTranslation } from 'react-i18next';

import type { Room } from '../../lib/contract';
import type { Link } from '../../lib/follow-room';
import { formatTime } from '../../lib/format';
import { useLogWatch } from './use-log-watch';
import './log.css';

type LogNoticeProps = { code: string; room: Room | undefined; link: Link };

export function LogNotice({ code, room, link }: LogNoticeProps) {
  const { t, i18n } = useTranslation();
  const { broken, accept } = useLogWatch(code, link === 'up');
  if (broken === null) return <div role="alert" />;

  const { kept, restoredAt } = broken;
  return (
    <div role="alert">
      <div className="card stack log-broken">
        <p>
          <strong>{t('logWatch.broken')}</strong>
        </p>
        <p>
          {restoredAt === null
            ? t('logWatch.why', { n: kept.n })
            : t('logWatch.restored', { n: kept.n, time: formatTime(restoredAt, i18n.language, room?.timezone) })}
        </p>
        <p>{t('logWatch.ask')}</p>
        <button type="button" className="secondary" onClick={accept}>
          {t('logWatch.accept')}
        </button>
      </div>
    </div>
  );
}
