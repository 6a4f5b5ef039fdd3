// Leaving the meeting for good, which a closed page is not: one is counted as present no more.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Dialog } from '../../components/dialog';
import { describeFault } from '../../lib/faults';
import { say } from '../../lib/socket';

export function LeaveButton({ code, onLeft }: { code: string; onLeft: () => void }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const [fault, setFault] = useState<unknown>(null);

  const ask = () => {
    setFault(null);
    setAsking(true);
  };

  const leave = () => {
    setFault(null);
    say('presence:set', { room: code, status: 'left' }).then(onLeft, setFault);
  };

  return (
    <>
      <button type="button" className="quiet" onClick={ask}>
        {t('room.leave')}
      </button>
      {asking && (
        <Dialog title={t('room.leaveAsk')} action={t('room.leave')} onAction={leave} onClose={() => setAsking(false)}>
          <p>{t('room.leaveMeans')}</p>
          <div role="alert">{fault !== null && <p className="fault">{describeFault(fault, t)}</p>}</div>
        </Dialog>
      )}
    </>
  );
}
