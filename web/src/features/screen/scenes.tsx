// What fills the wall, by scene.
import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ThresholdLine } from '../../components/threshold-line';
import { nameRows } from '../../lib/answers';
import type { Poll, ShownState, Results } from '../../lib/contract';
import { formatCount } from '../../lib/format';
import { presenceQuery } from '../../lib/queries';
import { countValid, thresholdShare, turnoutShare } from '../../lib/shares';
import { missesQuorum } from '../../lib/verdicts';
import { Bars } from './bars';
import { Join } from './join';
import { Present } from './rail';
import { RoundsView } from './rounds-view';
import { tallyRows } from './rows';
import { chooseScene } from './scene';
import { useNews } from './use-news';
import { Verdict, wordResult } from './verdict';

/** Before the first poll and between two: how to come in, and who has. */
export function Waiting({ code }: { code: string }) {
  const { t } = useTranslation();
  const presence = useQuery(presenceQuery(code)).data;

  return (
    <div className="waiting">
      <Join code={code} />
      <div className="waiting-words">
        {presence && <Present code={code} presence={presence} />}
        <p className="waiting-hint">{t('screen.waiting')}</p>
      </div>
    </div>
  );
}

type PollSceneProps = { code: string; poll: Poll; state: ShownState; results: Results | undefined };

export function PollScene({ code, poll, state, results }: PollSceneProps) {
  const { t } = useTranslation();
  const scene = chooseScene(poll, results);
  const watched = useWatched(results);

  if (scene === 'void') return <Sentence title={t('poll.void')} text={poll.reason ?? ''} />;
  if (results === undefined) return <Sentence text={t('results.none')} />;
  const { tally, rounds } = results;
  if (tally === null) return <Hidden {...{ poll, state, results }} />;
  if (scene === 'rounds' && rounds !== null) return <RoundsView {...{ poll, results, tally, rounds, watched }} />;
  return <TallyView {...{ code, poll, state, results }} />;
}

/** Whether this screen has seen the poll before its outcome was told. */
function useWatched(results: Results | undefined): boolean {
  const [watched, setWatched] = useState(false);
  const undecided = results?.winners === null;
  if (undecided && !watched) setWatched(true);
  return watched;
}

function TallyView({ code, poll, state, results }: Required<PollSceneProps> & { results: Results }) {
  const { t } = useTranslation();
  const presence = useQuery(presenceQuery(code)).data;
  const isOver = results.winners !== null;
  const points = results.method === 'score' ? poll.score_max : 1;
  useNews(isOver ? wordResult(t, poll, results) : wordProgress(t, poll, state));

  return (
    <>
      {results.method === 'ranked' && !isOver && (
        <p className="tally-note">
          {t(poll.rule === 'schulze' ? 'screen.firstPreferencesPairs' : 'screen.firstPreferences')}
        </p>
      )}
      <Bars
        key={poll.id}
        rows={tallyRows(poll, results, nameRows(t, results.tally ?? []))}
        plain={missesQuorum(results)}
        numbered={results.method !== 'motion'}
        method={results.method}
        ballots={countValid(results)}
        most={(results.eligible ?? Math.max(1000, results.ballots)) * points}
        line={thresholdShare(poll, results, presence)}
      />
      {isOver ? (
        <Verdict poll={poll} results={results} />
      ) : (
        results.threshold && <ThresholdLine threshold={results.threshold} method={results.method} />
      )}
    </>
  );
}

/** Turnout alone: before the close of a poll that hides its results, and after it until they are published. */
function Hidden({ poll, state, results }: { poll: Poll; state: ShownState; results: Results }) {
  const { t, i18n } = useTranslation();
  const { ballots, eligible } = results;
  const turnout = turnoutShare(results);
  const admitted = poll.electorate?.admitted ?? 0;
  useNews(state === 'closed' ? t('screen.closed', { title: poll.title }) : wordProgress(t, poll, state));

  return (
    <div className="hidden-scene">
      <p className="hidden-count">
        <strong>{formatCount(ballots, i18n.language)}</strong>
        {eligible !== null && <span> {t('screen.ofEligible', { eligible: formatCount(eligible, i18n.language) })}</span>}
      </p>
      <p className="hidden-label">{t('screen.haveVoted')}</p>
      {admitted > 0 && <p className="hidden-hint">{t('results.admitted', { count: admitted })}</p>}
      {turnout !== null && (
        <svg className="meter" aria-hidden="true">
          <rect width="100%" height="100%" style={{ transform: `translateX(${(turnout - 1) * 100}%)` }} />
        </svg>
      )}
      <p className="hidden-hint">{t(poll.results === 'host' ? 'results.hiddenHost' : 'results.hiddenClosed')}</p>
    </div>
  );
}

export function Sentence({ title, text }: { title?: string; text: string }) {
  return (
    <div className="sentence">
      {title !== undefined && <p className="sentence-title"><bdi>{title}</bdi></p>}
      <p><bdi>{text}</bdi></p>
    </div>
  );
}

function wordProgress(t: TFunction, poll: Poll, state: ShownState): string | null {
  if (state === 'counting') return t('room.countingNow', { title: poll.title });
  return state === 'open' ? t('screen.opened', { title: poll.title }) : null;
}
