// How the server is, in one view: whether it stores votes, how many come, how fast it is, and what waits.
import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Awaited } from '../../components/awaited';
import { Disclosure } from '../../components/disclosure';
import { describeFault } from '../../lib/faults';
import { formatTime } from '../../lib/format';
import { compare, refusals, type Looks } from './status';
import { useLooks } from './use-looks';
import './admin.css';

/** `children` stand below it, and come once it is there, or they would be pushed about. */
export function ServerState({ token, children }: { token: string; children: ReactNode }) {
  const { t, i18n } = useTranslation();
  const id = useId();
  const { data: looks, error, dataUpdatedAt } = useLooks(token);
  const status = looks?.now;
  const seenAt = formatTime(new Date(dataUpdatedAt).toISOString(), i18n.language);

  if (!looks && !error) return <Awaited />;
  return (
    <>
      <section className="card stack" aria-labelledby={id}>
        <h2 id={id}>{t('admin.state')}</h2>
        <div role="alert">
          {error && (
            <p className="fault">
              {describeFault(error, t)} {looks && t('admin.asOf', { time: seenAt })}
            </p>
          )}
          {status?.writable === false && <p className="fault">{t('admin.notWritable', { fault: status.fault })}</p>}
        </div>
        {status?.writable === true && !error && <p>{t('admin.writable')}</p>}
        {looks && <Figures {...looks} />}
      </section>
      {children}
    </>
  );
}

function Figures(looks: Looks) {
  const { t, i18n } = useTranslation();
  const status = looks.now;
  const lately = compare(looks);
  const refused = refusals(status);
  const number = (value: number, digits = 0) =>
    new Intl.NumberFormat(i18n.language, { maximumFractionDigits: digits }).format(value);
  const figure = (name: string) => number(status.figures[name] ?? 0);
  const ms = (seconds: number | null) => (seconds === null ? '–' : t('admin.ms', { value: number(seconds * 1000, 1) }));
  const bytes = (name: string) => t('admin.mib', { value: number((status.figures[name] ?? 0) / 2 ** 20, 1) });
  const moment = (name: string) => {
    const seconds = status.figures[name] ?? 0;
    return seconds === 0 ? t('admin.never') : formatTime(new Date(seconds * 1000).toISOString(), i18n.language);
  };
  const tiles: [label: string, value: string][] = [
    [t('admin.accepted'), number(status.votes.accepted ?? 0)],
    [t('admin.perSecond'), lately.votesPerSecond === null ? '–' : number(lately.votesPerSecond, 1)],
    [t('admin.refused'), number(refused.reduce((sum, [, count]) => sum + count, 0))],
    [t('admin.ongoing'), figure('polls_ongoing')],
    [t('admin.online'), figure('people_online')],
    [t('admin.connections'), figure('connections')],
    [t('admin.write'), ms(lately.writeSeconds)],
    [t('admin.lag'), ms(lately.lagSeconds)],
    [t('admin.signIns'), number((status.figures.sign_ins_waiting ?? 0) + (status.figures.passwords_waiting ?? 0))],
    [t('admin.slow'), figure('superseded_total')],
    [t('admin.journal'), bytes('store_journal_bytes')],
    [t('admin.snapshot'), bytes('store_snapshot_bytes')],
    [t('admin.compacted'), moment('store_compacted_timestamp_seconds')],
    [t('admin.backedUp'), moment('backup_taken_timestamp_seconds')],
    [t('admin.backupFailures'), figure('backup_failures_total')],
    [t('admin.startedAt'), formatTime(status.started_at, i18n.language)],
  ];

  return (
    <>
      <dl className="figures">
        {tiles.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="hint">{t('admin.sinceStart')}</p>
      {refused.length > 0 && (
        <Disclosure summary={t('admin.reasons')}>
          <ul className="facts">
            {refused.map(([code, count]) => (
              <li key={code}>
                <code translate="no">{code}</code> <bdi>{number(count)}</bdi>
              </li>
            ))}
          </ul>
        </Disclosure>
      )}
    </>
  );
}
