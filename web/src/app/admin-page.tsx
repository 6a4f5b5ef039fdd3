// For administrators: how the server is while a vote runs, accounts, invitations and a backup.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, Navigate } from 'react-router';

import { Awaited } from '../components/awaited';
import { Page } from '../components/page';
import { SaveExport } from '../components/save-export';
import { Accounts } from '../features/admin/accounts';
import { Invitations } from '../features/admin/invitations';
import { ResetCodes } from '../features/admin/reset-codes';
import { ServerState } from '../features/admin/server-state';
import { meQuery } from '../lib/queries';
import { useSession } from '../lib/session';

export function AdminPage() {
  const { t } = useTranslation();
  const { token } = useSession();
  const me = useQuery(meQuery(token)).data;
  if (token === null) return <Navigate to="/signin" state={{ back: { to: '/admin', state: null } }} replace />;

  return (
    <Page title={t('admin.title')}>
      {me?.administrator === false && (
        <p>
          {t('admin.only')} <Link to="/account">{t('auth.account')}</Link>
        </p>
      )}
      {me === undefined && <Awaited />}
      {me?.administrator === true && (
        <ServerState token={token}>
          <Accounts token={token}>
            <ResetCodes />
            <Invitations token={token} />
            <section className="card stack" aria-labelledby="backup">
              <h2 id="backup">{t('admin.backup')}</h2>
              <p>{t('admin.backupHint')}</p>
              <SaveExport label={t('admin.saveBackup')} path="/admin/backup" name="rollcall-backup.json" />
            </section>
          </Accounts>
        </ServerState>
      )}
    </Page>
  );
}
