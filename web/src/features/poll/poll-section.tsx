// One poll on a voter's page: the question, the ballot as far as it may be cast, and the results.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { Outcome } from '../../components/outcome';
import { TurnoutLine } from '../../components/turnout-line';
import type { Poll } from '../../lib/contract';
import { formatTime } from '../../lib/format';
import { currentState } from '../../lib/merge';
import { resultsQuery } from '../../lib/queries';
import { Ballot } from './ballot';
import './poll.css';

export function PollSection({ poll }: { poll: Poll }) {
  const { t, i18n } = useTranslation();
  const results = useQuery(resultsQuery(poll.id)).data;
  const state = currentState(poll, results);
  const isLive = state !== 'closed' && results?.tally != null;
  const headingId = `poll-${poll.id}-title`;

  return (
    <section className="poll" aria-labelledby={headingId}>
      <header>
        <h2 id={headingId}>{poll.title}</h2>
        {poll.description && <p>{poll.description}</p>}
        {state !== 'open' && (
          <p>
            <span className="chip">{t(`state.${state}`)}</span>
          </p>
        )}
        <ul className="facts">
          <li>{t(poll.secrecy === 'secret' ? 'poll.secret' : 'poll.named')}</li>
          {poll.method === 'plurality' && <li>{t('poll.one')}</li>}
          {poll.allow_change && state === 'open' && <li>{t('poll.changeable')}</li>}
          {poll.closes_at !== null && state !== 'closed' && (
            <li>{t('poll.closesAt', { time: formatTime(poll.closes_at, i18n.language) })}</li>
          )}
        </ul>
      </header>
      <div className="poll-columns">
        <Ballot poll={poll} state={state} />
        <section className="card results" aria-labelledby={`${headingId}-results`}>
          <h3 id={`${headingId}-results`}>{t(isLive ? 'results.live' : 'results.final')}</h3>
          {results && (
            <ul className="facts">
              <TurnoutLine results={results} />
            </ul>
          )}
          <Outcome poll={poll} results={results} />
        </section>
      </div>
    </section>
  );
}
