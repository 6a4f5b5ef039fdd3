// Deleting one's account: what goes and what stays is said first.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Dialog } from '../../components/dialog';
import { describeFault } from '../../lib/faults';
import { leaveSession } from '../../lib/session';
import { deleteAccount } from './api';

export function DeleteAccount() {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const [fault, setFault] = useState<unknown>(null);

  const ask = () => {
    setFault(null);
    setAsking(true);
  };

  return (
    <>
      <button type="button" className="quiet" onClick={ask}>
        {t('account.delete')}
      </button>
      {asking && (
        <Dialog
          title={t('account.deleteAsk')}
          action={t('account.delete')}
          danger
          onAction={() => void deleteAccount().then(leaveSession, setFault)}
          onClose={() => setAsking(false)}
        >
          <p>{t('account.deleteMeans')}</p>
          <div role="alert">{fault !== null && <p className="fault">{describeFault(fault, t)}</p>}</div>
        </Dialog>
      )}
    </>
  );
}
