// How many have voted, of how many who may.
import { useTranslation } from 'react-i18next';

import type { Results } from '../lib/contract';
import { formatCount, formatShare } from '../lib/format';
import { turnoutShare } from '../lib/shares';

export function TurnoutLine({ results }: { results: Results }) {
  const { t, i18n } = useTranslation();
  const { ballots, blank, eligible } = results;
  const turnout = turnoutShare(results);

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
      {blank !== null && blank > 0 && <li>{t('results.blank', { count: blank })}</li>}
    </>
  );
}
