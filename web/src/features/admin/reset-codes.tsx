// What an administrator does for somebody who has forgotten a password.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { AccountForm } from '../../components/account-form';
import { findAccounts, makeResetCode } from './api';
import { ShownCode } from './shown-code';

type Made = { email: string; code: string };

export function ResetCodes() {
  const { t } = useTranslation();
  const [made, setMade] = useState<Made | 'unknown' | null>(null);

  const make = async (email: string) => {
    setMade(null);
    const account = (await findAccounts(email)).items[0];
    if (account === undefined) setMade('unknown');
    else setMade({ email: account.email, code: (await makeResetCode(account.id)).code });
  };

  return (
    <AccountForm
      title={t('account.resetCodes')}
      action={t('account.makeCode')}
      done={null}
      fields={[{ name: 'email', label: t('account.emailOf'), type: 'email', autoComplete: 'off' }]}
      send={({ email = '' }) => make(email)}
    >
      <p className="hint">{t('account.resetCodesHint')}</p>
      <div role="status">
        {made === 'unknown' && <p>{t('account.unknownEmail')}</p>}
        {made !== null && made !== 'unknown' && (
          <p>{t('account.codeFor', { email: made.email })}</p>
        )}
      </div>
      {made !== null && made !== 'unknown' && <ShownCode key={made.code} code={made.code} />}
    </AccountForm>
  );
}
