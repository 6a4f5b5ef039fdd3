// Told to a host without an account: until when the room is there, and how to keep it.
import { Link, useLocation } from 'react-router';

import { ask } from '../../lib/api';
import type { Back } from '../../lib/back';
import { formatDay } from '../../lib/format';
import { getAccount, takeSignedInAccount, useSession } from '../../lib/session';
import { useDesk } from './desk-room';
import { useAct } from './use-act';
import { useFaultText, useWords } from './words';

export function GuestNote() {
  const { t, language } = useWords();
  const { code, room } = useDesk();
  const { seat } = useSession();
  const { search } = useLocation();
  if (seat === null || room.expires_at === null) return null;
  const back: Back = { to: `/r/${code}${search}`, state: null, way: 'account' };

  return (
    <div className="notice-line guest-note">
      <p>{t('desk.guestHost', { date: formatDay(room.expires_at, language, room.timezone) })}</p>
      {getAccount() === null ? (
        <Link className="act" to="/signin" state={{ back }}>
          {t('desk.keepRoom')}
        </Link>
      ) : (
        <KeepButton seatToken={seat.token} />
      )}
    </div>
  );
}

/** The account that is signed in takes the room over. */
function KeepButton({ seatToken }: { seatToken: string }) {
  const { t } = useWords();
  const { code } = useDesk();
  const faultText = useFaultText();
  const keep = useAct(
    () => ask('POST', `/rooms/${code}/keep`, { body: { token: seatToken }, token: getAccount() }),
    () => takeSignedInAccount(code),
  );

  return (
    <>
      <button type="button" className="act" aria-disabled={keep.isPending} onClick={() => !keep.isPending && keep.mutate()}>
        {t('desk.keepRoomHere')}
      </button>
      {keep.error && <p className="fault">{faultText(keep.error)}</p>}
    </>
  );
}
