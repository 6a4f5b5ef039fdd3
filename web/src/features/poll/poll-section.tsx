// One poll on a voter's page: the question, the ballot as far as it may be cast, and the results.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { Outcome } from '../../components/outcome';
import { Rounds } from '../../components/rounds';
import { ThresholdLine } from '../../components/threshold-line';
import { TurnoutLine } from '../../components/turnout-line';
import { currentState } from '../../lib/merge';
import { resultsQuery, youQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { Ballot, type BallotProps } from './ballot';
import { recallReceipt } from './keeping';
import { PollHead } from './poll-head';
import { ReceiptCheck } from './receipt-check';
import './poll.css';

export function PollSection({ poll, onPresent, claimForm }: Omit<BallotProps, 'state'>) {
  const { t } = useTranslation();
  const { token } = useSession();
  const results = useQuery(resultsQuery(poll.id)).data;
  const person = useQuery(youQuery(poll.room, token)).data?.person ?? null;
  const state = currentState(poll, results);
  const ended = state === 'closed' || state === 'void';
  const headingId = `poll-${poll.id}-title`;

  return (
    <section className="poll" aria-labelledby={headingId} data-state={state}>
      <PollHead poll={poll} state={state} headingId={headingId} />
      <div className="poll-columns">
        <Ballot poll={poll} state={state} onPresent={onPresent} claimForm={claimForm} />
        <section className="card results" aria-labelledby={`${headingId} ${headingId}-results`}>
          <h3 id={`${headingId}-results`}>{t(!ended && results?.tally ? 'results.live' : 'results.final')}</h3>
          {results && (
            <ul className="facts">
              <TurnoutLine poll={poll} results={results} />
            </ul>
          )}
          {poll.threshold !== null && <ThresholdLine threshold={poll.threshold} method={poll.method} />}
          <Outcome poll={poll} results={results} />
          {results?.rounds && results.tally && <Rounds rounds={results.rounds} tally={results.tally} />}
          {state === 'closed' && results && (
            <ReceiptCheck key={person} poll={poll} results={results} receipt={recallReceipt(poll, person)} />
          )}
          {results?.digest && (
            <p className="hint digest">
              {t('results.digest')} <code translate="no">{results.digest}</code>
            </p>
          )}
        </section>
      </div>
    </section>
  );
}
