// The accounts of this server, the oldest first, fifty at a time.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Awaited } from '../../components/awaited';
import { TableBox } from '../../components/table-box';
import { describeFault } from '../../lib/faults';
import { fetchAccounts } from './api';
import './admin.css';

/** `children` stand below it, and come once it is there, or they would be pushed about. */
export function Accounts({ token, children }: { token: string; children: ReactNode }) {
  const { t } = useTranslation();
  const id = useId();
  const { data, error, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery({
    queryKey: ['mine', token, 'accounts'],
    queryFn: ({ pageParam }) => fetchAccounts(pageParam),
    initialPageParam: null as number | null,
    getNextPageParam: ({ next }) => next,
    networkMode: 'always',
  });
  const accounts = data?.pages.flatMap(({ items }) => items) ?? [];

  if (data === undefined && !error) return <Awaited />;
  return (
    <>
      <section className="card stack" aria-labelledby={id}>
        <h2 id={id}>{t('admin.accounts')}</h2>
        <div role="alert">{error && <p className="fault">{describeFault(error, t)}</p>}</div>
        <TableBox label={t('admin.accounts')}>
          <table className="accounts">
            <thead>
              <tr>
                <th scope="col">{t('auth.name')}</th>
                <th scope="col">{t('auth.email')}</th>
                <th scope="col">{t('admin.role')}</th>
              </tr>
            </thead>
            <tbody>
              {accounts.map((account) => (
                <tr key={account.id}>
                  <td>
                    <bdi>{account.name}</bdi>
                  </td>
                  <td>
                    <bdi>{account.email}</bdi>
                  </td>
                  <td>{account.administrator ? t('account.administrator') : ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableBox>
        {hasNextPage && (
          <button type="button" className="secondary" aria-disabled={isFetching} onClick={() => !isFetching && void fetchNextPage()}>
            {t('admin.more')}
          </button>
        )}
      </section>
      {children}
    </>
  );
}
