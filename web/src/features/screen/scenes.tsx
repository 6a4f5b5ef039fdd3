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
import { Candidates } from './candidates';
import { Join } from './join';
import { Present } from './rail';
import { firstStage } from './reveal';
import { RoundsView } from './rounds-view';
import { risingRows, tallyRows, type Row } from './rows';
import { chooseScene } from './scene';
import { Told } from './told';
import { useNews } from './use-news';
import { useReveal } from './use-reveal';
import { useMedia } from './use-wall';
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

type PollSceneProps = { poll: Poll; state: ShownState; results: Results | undefined };

export function PollScene({ poll, state, results }: PollSceneProps) {
  const { t } = useTranslation();
  const scene = chooseScene(poll, results);
  const seen = useSeen(results);

  if (scene === 'void') return <Sentence title={t('poll.void')} text={poll.reason ?? ''} />;
  if (results === undefined) return <Sentence text={t('results.none')} />;
  const { tally, rounds } = results;
  if (tally === null) return <Hidden {...{ poll, state, results }} />;
  if (scene === 'rounds' && rounds !== null) return <RoundsView {...{ poll, results, tally, rounds, ...seen }} />;
  if (results.winners !== null) return <ResultView {...{ poll, results, ...seen }} />;
  return <TallyView {...{ poll, state, results }} />;
}

/** Whether this screen has seen the poll before its outcome was told, and whether its results were hidden then. */
function useSeen(results: Results | undefined): { watched: boolean; hidden: boolean } {
  const [seen, setSeen] = useState({ watched: false, hidden: false });
  const undecided = results?.winners === null;
  const hidden = results?.tally === null;
  if (undecided && !(seen.watched && seen.hidden === hidden)) setSeen({ watched: true, hidden });
  return seen;
}

type ResultViewProps = { poll: Poll; results: Results; watched: boolean; hidden: boolean };

/** After the close: the bars rise, the verdict fills the wall, then both stay. */
function ResultView({ poll, results, watched, hidden }: ResultViewProps) {
  const { t } = useTranslation();
  const still = useMedia('(prefers-reduced-motion: reduce)');
  const stage = useReveal(firstStage({ watched, hidden, still }));
  const rows = tallyRows(poll, results, nameRows(t, results.tally ?? []));
  useNews(!watched ? wordResult(t, poll, results) : null);

  if (stage === 'told') return <Told poll={poll} results={results} />;
  return (
    <>
      <TallyBars poll={poll} results={results} rows={stage === 'rising' ? risingRows(rows) : rows} rises={stage === 'rising'} />
      {stage === 'settled' && <Verdict poll={poll} results={results} />}
    </>
  );
}

function TallyView({ poll, state, results }: PollSceneProps & { results: Results }) {
  const { t } = useTranslation();
  useNews(wordProgress(t, poll, state));

  return (
    <>
      {results.method === 'ranked' && (
        <p className="tally-note">
          {t(poll.rule === 'schulze' ? 'screen.firstPreferencesPairs' : 'screen.firstPreferences')}
        </p>
      )}
      <TallyBars poll={poll} results={results} rows={tallyRows(poll, results, nameRows(t, results.tally ?? []))} />
      {results.threshold && <ThresholdLine threshold={results.threshold} method={results.method} />}
    </>
  );
}

type TallyBarsProps = { poll: Poll; results: Results; rows: Row[]; rises?: boolean };

function TallyBars({ poll, results, rows, rises = false }: TallyBarsProps) {
  const presence = useQuery(presenceQuery(poll.room)).data;
  const points = results.method === 'score' ? poll.score_max : 1;

  return (
    <Bars
      key={poll.id}
      rows={rows}
      plain={missesQuorum(results)}
      numbered={results.method !== 'motion'}
      candidates={poll.candidates}
      method={results.method}
      ballots={countValid(results)}
      most={(results.eligible ?? Math.max(1000, results.ballots)) * points}
      line={thresholdShare(poll, results, presence)}
      rises={rises}
    />
  );
}

/** Turnout and who stands: before the close of a poll that hides its results, and after it until they are published. */
function Hidden({ poll, state, results }: { poll: Poll; state: ShownState; results: Results }) {
  const { t, i18n } = useTranslation();
  const { ballots, eligible } = results;
  const turnout = turnoutShare(results);
  const admitted = poll.electorate?.admitted ?? 0;
  const named = poll.method !== 'motion';
  useNews(state === 'closed' ? t('screen.closed', { title: poll.title }) : wordProgress(t, poll, state));

  return (
    <div className="hidden-scene" data-named={named}>
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
      {named && <Candidates poll={poll} />}
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
