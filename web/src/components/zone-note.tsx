// Names the zone of the times in a list, where the reader's own clock shows others; or says that the browser lacks it.
import { useTranslation } from 'react-i18next';

import { serverNowMs } from '../lib/server-clock';
import { hasZone, isElsewhere, nameZone } from '../lib/zone';

export function ZoneNote({ zone }: { zone: string | undefined }) {
  const { t, i18n } = useTranslation();
  if (zone === undefined || !isElsewhere(serverNowMs(), zone)) return null;
  const words = hasZone(zone)
    ? t('app.timesIn', { zone: nameZone(serverNowMs(), zone, i18n.language) })
    : t('app.zoneUnknown', { zone });

  return <p className="hint zone-note">{words}</p>;
}
