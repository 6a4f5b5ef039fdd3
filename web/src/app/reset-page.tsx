// A new password for somebody who has forgotten the old one, with a code that an administrator made.
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { Page } from '../components/page';
import { AccountForm } from '../features/account/account-form';
import { resetPassword } from '../features/account/api';
import { meQuery, useShortestPassword } from '../lib/queries';
import { startSession } from '../lib/session';

export function ResetPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const min = useShortestPassword();

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
          void navigate('/', { replace: true });
        }}
      />
    </Page>
  );
}
