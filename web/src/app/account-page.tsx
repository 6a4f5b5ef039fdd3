// One's own account: its name, email and password, the administrator's code, one's data as a file, and its end.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate } from 'react-router';

import { SaveExport } from '../components/save-export';
import { AccountForm } from '../components/account-form';
import { Page } from '../components/page';
import { becomeAdministrator, changeAccount } from '../features/account/api';
import { DeleteAccount } from '../features/account/delete-account';
import type { User } from '../lib/contract';
import { meQuery, signUpQuery, useShortestPassword } from '../lib/queries';
import { startSession, useSession } from '../lib/session';

/** Keeps a line's height until what stands in it is known. */
const blank = '\u00a0';

export function AccountPage() {
  const { t } = useTranslation();
  const { token } = useSession();
  const cache = useQueryClient();
  const min = useShortestPassword();
  const me = useQuery(meQuery(token)).data;
  const [promoted, setPromoted] = useState(false);
  const news = useRef<HTMLParagraphElement>(null);
  // The form that had the focus is gone.
  useEffect(() => {
    if (promoted) news.current?.focus();
  }, [promoted]);
  if (token === null) return <Navigate to="/signin" state={{ back: { to: '/account', state: null } }} replace />;

  const keep = (user: User, newToken = token) => cache.setQueryData(meQuery(newToken).queryKey, user);
  const current = {
    name: 'current_password',
    label: t('account.currentPassword'),
    type: 'password',
    autoComplete: 'current-password',
  };

  const wrongPassword = { code: 'bad_credentials', field: current.name, text: t('account.wrongPassword') } as const;

  return (
    <Page title={t('auth.account')} className="narrow" lead={<p className="tagline">{me?.email ?? blank}</p>}>
      <AccountForm
        title={t('auth.name')}
        action={t('account.saveName')}
        done={t('account.saved')}
        fields={[{ name: 'name', label: t('account.newName'), hint: t('auth.nameHint'), autoComplete: 'name' }]}
        send={async ({ name = '' }) => keep(await changeAccount({ name }))}
      >
        <p>
          <bdi>{me?.name ?? blank}</bdi>
        </p>
      </AccountForm>
      <AccountForm
        title={t('auth.email')}
        action={t('account.saveEmail')}
        done={t('account.saved')}
        fields={[
          {
            name: 'email',
            label: t('account.newEmail'),
            hint: t('account.emailHint'),
            type: 'email',
            autoComplete: 'email',
            autoCapitalize: 'none',
            spellCheck: false,
          },
          current,
        ]}
        wrong={wrongPassword}
        send={async ({ email = '', current_password = '' }) => keep(await changeAccount({ email, current_password }))}
      />
      <AccountForm
        title={t('auth.password')}
        action={t('account.savePassword')}
        done={t('account.passwordSaved')}
        fields={[
          current,
          {
            name: 'password',
            label: t('account.newPassword'),
            hint: t('auth.passwordHint', { min }),
            type: 'password',
            autoComplete: 'new-password',
          },
        ]}
        wrong={wrongPassword}
        send={async ({ password = '', current_password = '' }) => {
          const changed = await changeAccount({ password, current_password });
          if (changed.token === undefined) return;
          keep(changed, changed.token);
          startSession(changed.token);
        }}
      />
      <section className="card stack" aria-labelledby="own-data">
        <h2 id="own-data">{t('export.own')}</h2>
        <p>{t('export.ownHint')}</p>
        <SaveExport label={t('export.saveOwn')} path="/auth/me/export" name={`rollcall-u${me?.id ?? ''}.json`} />
      </section>
      {me?.administrator === true ? (
        <>
          {promoted && (
            <p ref={news} role="status" tabIndex={-1}>
              {t('account.nowAdministrator')}
            </p>
          )}
          <section className="card stack" aria-labelledby="administration">
            <h2 id="administration">{t('admin.title')}</h2>
            <p>{t('admin.what')}</p>
            <p>
              <Link to="/admin" className="button secondary">
                {t('admin.open')}
              </Link>
            </p>
          </section>
        </>
      ) : (
        <AccountForm
          title={t('account.administrator')}
          action={t('account.becomeAdministrator')}
          done={null}
          fields={[{ name: 'code', label: t('account.setupCode'), hint: t('account.setupCodeHint'), autoComplete: 'off' }]}
          wrong={{ code: 'forbidden', field: 'code', text: t('account.wrongSetupCode') }}
          send={async ({ code = '' }) => {
            keep(await becomeAdministrator(code.trim()));
            setPromoted(true);
            void cache.invalidateQueries(signUpQuery);
          }}
        />
      )}
      <p className="aside">
        <DeleteAccount />
      </p>
    </Page>
  );
}
