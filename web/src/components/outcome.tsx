// The bars, or why there are none; and after the close what the count could not decide.
import { useTranslation } from 'react-i18next';

import type { Poll, Results } from '../lib/contract';
import { thresholdShare } from '../lib/shares';
import { TallyBars } from './tally';

export function Outcome({ poll, results }: { poll: Poll; results: Results | undefined }) {
  const { t } = useTranslation();
  if (results === undefined) return <p className="hidden-results">{t('results.none')}</p>;
  if (results.state === 'void') return <p className="hidden-results"><bdi>{poll.reason ?? t('poll.void')}</bdi></p>;
  if (results.tally === null) {
    return (
      <p className="hidden-results">{t(poll.results === 'host' ? 'results.hiddenHost' : 'results.hiddenClosed')}</p>
    );
  }

  const { winners, tied, tally } = results;
  const isTie = (tied?.length ?? 0) > 0;
  const isNobody = winners?.length === 0 && !isTie;

  return (
    <>
      <TallyBars poll={poll} results={results} tally={tally} mark={thresholdShare(poll, results)} />
      {isTie && <p className="verdict">{t('results.tieUnbroken')}</p>}
      {isNobody && <p className="verdict">{t(results.threshold === null ? 'results.noVotes' : 'results.noWinner')}</p>}
    </>
  );
}
