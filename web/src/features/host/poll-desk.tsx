// One poll being run: what it is, the steps that it can take now, how it stands, and who has not voted yet.
import { useQuery } from '@tanstack/react-query';

import { Outcome } from '../../components/outcome';
import { Rounds } from '../../components/rounds';
import { ThresholdLine } from '../../components/threshold-line';
import { TurnoutLine } from '../../components/turnout-line';
import type { Candidate, Poll } from '../../lib/contract';
import { currentState } from '../../lib/merge';
import { resultsQuery } from '../../lib/queries';
import { formatTime } from '../../lib/format';
import { useRestingPlace } from '../../lib/use-resting-place';
import { Closing } from './closing';
import { Comparison } from './comparison';
import { useDesk } from './desk-room';
import { LateMembers } from './late-members';
import { Meaning } from './meaning';
import { ParticipantsList } from './participants-list';
import { PollSteps } from './poll-steps';
import { hostResultsQuery } from './queries';
import { TurnoutList } from './turnout-list';
import { useWords } from './words';

/** A poll's results as its host may see them. */
export function useHostResults(poll: Poll) {
  const { token } = useDesk();
  const told = useQuery(resultsQuery(poll.id)).data;
  const isHidden = told?.state === 'closed' && told.tally === null;
  const mine = useQuery({ ...hostResultsQuery(poll.id, token, told?.version ?? 0), enabled: isHidden }).data;
  return isHidden ? (mine ?? told) : told;
}

export function PollDesk({ poll }: { poll: Poll }) {
  const { t, language } = useWords();
  const { room } = useDesk();
  const { area, place } = useRestingPlace<HTMLElement, HTMLHeadingElement>();
  const results = useHostResults(poll);
  const state = currentState(poll, results);
  const isGoing = state === 'open' || state === 'paused';
  const time = (instant: string) => formatTime(instant, language, room.timezone);

  return (
    <article ref={area} className="poll-desk stack" aria-labelledby={`poll-${poll.id}-title`}>
      <header className="card stack tight">
        <p className="facts">
          <span className="chip" data-state={state}>
            {t(`translation:state.${state}`)}
          </span>
          {poll.id === room.current_poll && <span className="chip">{t('desk.onScreen')}</span>}
        </p>
        <h2 ref={place} id={`poll-${poll.id}-title`} tabIndex={-1}>
          <bdi>{poll.title}</bdi>
        </h2>
        {poll.description && <p className="as-typed"><bdi>{poll.description}</bdi></p>}
        <ul className="facts">
          <li>{t(`form.method_${poll.method}`)}</li>
          <li>{t(`form.secrecy_${poll.secrecy}`)}</li>
          <li>{t(`form.eligibility_${poll.eligibility}`)}</li>
          <li>{t(`form.results_${poll.results}`)}</li>
          {state === 'draft' && poll.opens_at && <li>{t('desk.opensAt', { time: time(poll.opens_at) })}</li>}
          {poll.closes_at && !poll.closed_at && <li>{t('desk.closesAt', { time: time(poll.closes_at) })}</li>}
          {poll.closed_at && <li>{t('desk.closedAt', { time: time(poll.closed_at) })}</li>}
        </ul>
        {poll.missed_opening && (
          <p className="notice-line">{t('desk.missedOpening', { time: poll.opens_at ? time(poll.opens_at) : '' })}</p>
        )}
        {state === 'void' && <p className="notice-line">{t('desk.voidReason', { reason: poll.reason ?? '' })}</p>}
        <PollSteps poll={poll} state={state} results={results} />
        {isGoing && <Closing poll={poll} />}
      </header>
      {state === 'draft' ? (
        <section className="card stack" aria-labelledby={`poll-${poll.id}-meaning`}>
          <h3 id={`poll-${poll.id}-meaning`}>{t('meaning.title')}</h3>
          <Meaning poll={poll} />
          {poll.method !== 'motion' && <Candidates candidates={poll.candidates} />}
        </section>
      ) : (
        <div className="poll-desk-columns">
          <section className="card stack" aria-labelledby={`poll-${poll.id}-results`}>
            <h3 id={`poll-${poll.id}-results`}>{t('desk.results')}</h3>
            {results && (
              <ul className="facts">
                <TurnoutLine poll={poll} results={results} />
              </ul>
            )}
            {poll.results === 'host' && state === 'closed' && !poll.published && (
              <p className="hint">{t('desk.onlyYou')}</p>
            )}
            <Outcome poll={poll} results={results} />
            {results?.rounds && results.tally && <Rounds rounds={results.rounds} tally={results.tally} />}
            {poll.threshold && <ThresholdLine threshold={poll.threshold} method={poll.method} />}
            {poll.method === 'ranked' && state === 'closed' && results?.tally && (
              <Comparison poll={poll} tally={results.tally} />
            )}
          </section>
          {state !== 'void' && <TurnoutList poll={poll} state={state} version={results?.version ?? 0} />}
        </div>
      )}
      {poll.electorate !== null && isGoing && <LateMembers poll={poll} />}
      {poll.eligibility !== 'roll' && (isGoing || state === 'closed') && (
        <ParticipantsList poll={poll} version={results?.version ?? 0} />
      )}
    </article>
  );
}

function Candidates({ candidates }: { candidates: Candidate[] }) {
  const { t } = useWords();

  return (
    <>
      <h3>{t('form.candidates')}</h3>
      <ol className="plain-list">
        {candidates.map(({ id, name, description }) => (
          <li key={id}>
            <bdi>{name}</bdi> {description && <span className="hint"><bdi>{description}</bdi></span>}
          </li>
        ))}
      </ol>
    </>
  );
}
