// How many have voted, of how many who may.
import { useTranslation } from 'react-i18next';

import type { Poll, Results } from '../lib/contract';
import { formatCount, formatShare } from '../lib/format';
import { turnoutShare } from '../lib/shares';

/** Who was admitted after the opening is said too: everybody may see that the base has grown. */
export function TurnoutLine({ poll, results }: { poll: Poll; results: Results }) {
  const { t, i18n } = useTranslation();
  const { ballots, blank, eligible } = results;
  const turnout = turnoutShare(results);
  const admitted = poll.electorate?.admitted ?? 0;

  return (
    <>
      <li>
        {eligible === null
          ? t('results.ballots', { count: ballots })
          : t('results.ballotsOf', {
              ballots: formatCount(ballots, i18n.language),
              eligible: formatCount(eligible, i18n.language),
            })}
      </li>
      {turnout !== null && <li>{t('results.turnout', { share: formatShare(turnout, i18n.language) })}</li>}
      {admitted > 0 && <li>{t('results.admitted', { count: admitted })}</li>}
      {blank !== null && blank > 0 && <li>{t('results.blank', { count: blank })}</li>}
    </>
  );
}
