// A new password for somebody who has forgotten the old one, with a code that an administrator made.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Page } from '../components/page';
import { AccountForm } from '../components/account-form';
import { resetPassword } from '../features/account/api';
import { meQuery, useShortestPassword } from '../lib/queries';
import { startSession } from '../lib/session';

export function ResetPage() {
  const { t } = useTranslation();
  const [isDone, setDone] = useState(false);
  const cache = useQueryClient();
  const min = useShortestPassword();

  if (isDone) return <Done />;

  return (
    <Page title={t('account.reset')} className="narrow" lead={<p>{t('account.resetHow')}</p>}>
      <AccountForm
        title={t('auth.password')}
        action={t('account.savePassword')}
        done={null}
        fields={[
          { name: 'code', label: t('account.resetCode'), autoComplete: 'one-time-code', spellCheck: false },
          {
            name: 'password',
            label: t('account.newPassword'),
            hint: t('auth.passwordHint', { min }),
            type: 'password',
            autoComplete: 'new-password',
          },
        ]}
        wrong={{ code: 'forbidden', field: 'code', text: t('account.wrongResetCode') }}
        send={async ({ code = '', password = '' }) => {
          const { token, user } = await resetPassword({ code: code.trim(), password });
          cache.setQueryData(meQuery(token).queryKey, user);
          startSession(token);
          setDone(true);
        }}
      />
    </Page>
  );
}

function Done() {
  const { t } = useTranslation();
  const said = useRef<HTMLParagraphElement>(null);

  // The field that had the focus has gone.
  useEffect(() => said.current?.focus(), []);

  return (
    <Page title={t('account.reset')} className="narrow">
      <div role="status">
        <p ref={said} tabIndex={-1}>{t('account.resetDone')}</p>
      </div>
      <p>
        <Link to="/">{t('app.home')}</Link>
      </p>
    </Page>
  );
}
