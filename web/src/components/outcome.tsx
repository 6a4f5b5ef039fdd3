// The bars, or why there are none; and after the close what was decided.
import { useTranslation } from 'react-i18next';

import type { Poll, Results } from '../lib/contract';
import { thresholdShare } from '../lib/shares';
import { TallyBars } from './tally';
import { VerdictLines } from './verdict-lines';

export function Outcome({ poll, results }: { poll: Poll; results: Results | undefined }) {
  const { t } = useTranslation();
  if (results === undefined) return <p className="hidden-results">{t('results.none')}</p>;
  if (results.state === 'void') return <p className="hidden-results"><bdi>{poll.reason ?? t('poll.void')}</bdi></p>;
  if (results.tally === null) {
    return (
      <p className="hidden-results">{t(poll.results === 'host' ? 'results.hiddenHost' : 'results.hiddenClosed')}</p>
    );
  }

  return (
    <>
      <VerdictLines results={results} />
      <TallyBars poll={poll} results={results} tally={results.tally} mark={thresholdShare(poll, results)} />
    </>
  );
}
