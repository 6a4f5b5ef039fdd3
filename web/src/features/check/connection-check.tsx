// The connection check, drawn as its samples arrive.
import { useTranslation } from 'react-i18next';

import { describeFault } from '../../lib/faults';
import { judge, lateMs } from './arrivals';
import { useConnectionCheck } from './use-connection-check';

const samples = 5;
const fullMs = 200;

export function ConnectionCheck() {
  const { t } = useTranslation();
  const { running, arrivals, report, fault, start } = useConnectionCheck();

  return (
    <section className="card stack" aria-labelledby="check-title">
      <h2 id="check-title">{t('developer.check')}</h2>
      <p>{t('developer.checkWhat')}</p>
      <ol className="samples">
        {Array.from({ length: samples }, (_, index) => {
          const arrival = arrivals.find(({ n }) => n === index + 1);
          const late = arrival === undefined ? null : lateMs(arrivals, arrival);
          return (
            <li key={index} data-arrived={late !== null}>
              <svg viewBox="0 0 20 60" aria-hidden="true">
                <rect className="sample-track" x="8" width="4" height="60" rx="2" />
                {late !== null && <circle cx="10" cy={50 - 40 * Math.min(1, late / fullMs)} r="7" />}
              </svg>
              <span className="unseen">{t('developer.sample', { number: index + 1 })} </span>
              <span>{late === null ? '…' : t('developer.late', { ms: late })}</span>
            </li>
          );
        })}
      </ol>
      <div role="status">
        {running && arrivals.length === 0 && <p>{t('developer.checking')}</p>}
        {report !== null && (
          <>
            <p className="done">{t(`developer.verdict.${judge(report.median)}`)}</p>
            {report.median !== null && (
              <p>{t('developer.report', { min: report.min, median: report.median, max: report.max })}</p>
            )}
          </>
        )}
      </div>
      <div role="alert">{fault !== null && <p className="fault">{describeFault(fault, t)}</p>}</div>
      <button type="button" className="primary" aria-disabled={running} onClick={() => !running && start()}>
        {t(running ? 'developer.checking' : 'developer.checkStart')}
      </button>
    </section>
  );
}
