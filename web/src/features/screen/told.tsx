// The verdict alone, as large as the wall allows: what the hall looks up for.
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

import type { Poll, Results } from '../../lib/contract';
import { sound } from '../../lib/sound';
import { isTriumph, missesQuorum, wordQuorum, wordVerdict } from '../../lib/verdicts';
import { lengthStyle } from './length';
import './told.css';
import { useNews } from './use-news';
import { wordFewNames, wordResult } from './verdict';

export function Told({ poll, results }: { poll: Poll; results: Results }) {
  const { t } = useTranslation();
  const { tally, winners, verdict } = results;
  const [first = '', ...rest] = wordVerdict(t, results, (ids) => wordFewNames(t, tally, ids));
  const isElected = verdict === 'elected' && winners !== null;
  const words = isElected ? wordFewNames(t, tally, winners) : first;
  const quorum = wordQuorum(t, results);
  useNews(wordResult(t, poll, results));
  useEffect(() => sound('reveal'), []);

  return (
    <div className="told" data-verdict={verdict} data-triumph={isTriumph(results)} data-plain={missesQuorum(results)}>
      <p className="told-title">
        <bdi>{poll.title}</bdi>
      </p>
      {isElected && <p className="told-label">{t('verdict.electedLabel', { count: winners.length })}</p>}
      <p className="told-words" style={lengthStyle(words)}>
        <bdi>{words}</bdi>
      </p>
      {rest.length > 0 && <p className="told-rest">{rest.join(' ')}</p>}
      {quorum !== null && (
        <p className="told-rest">
          <bdi>{quorum}</bdi>
        </p>
      )}
    </div>
  );
}
