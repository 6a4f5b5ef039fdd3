// In which zone a field of the desk reads and shows times: the room's, or UTC where the browser lacks it.
import { hasZone } from '../../lib/zone';
import { useDesk } from './desk-room';
import { useWords } from './words';

export function useZoneHint(): string {
  const { t } = useWords();
  const { timezone: zone } = useDesk().room;
  return hasZone(zone) ? t('form.zone', { zone }) : t('translation:app.zoneUnknown', { zone });
}
