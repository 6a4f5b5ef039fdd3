// An instant run-off, round by round: who stands, who leaves, and the line that wins.
import { useTranslation } from 'react-i18next';

import { formatCount } from '../../lib/format';
import type { Poll, Results, Round, Tally } from '../../lib/contract';
import { missesQuorum } from '../../lib/verdicts';
import { Bars } from './bars';
import type { Act, Playback } from './playback';
import { firstStage } from './reveal';
import { roundRows } from './rows';
import { Told } from './told';
import { usePlayback } from './use-playback';
import { useNews } from './use-news';
import { useReveal } from './use-reveal';
import { useMedia } from './use-wall';
import { Verdict, wordFewNames, wordResult } from './verdict';

type RoundsViewProps = { poll: Poll; results: Results; tally: Tally[]; rounds: Round[]; watched: boolean };

/** `watched`: the close came while this screen looked on, so that the rounds have not been seen yet. */
export function RoundsView({ poll, results, tally, rounds, watched }: RoundsViewProps) {
  const { t, i18n } = useTranslation();
  const still = useMedia('(prefers-reduced-motion: reduce)');
  const { playback, act } = usePlayback(rounds.length, watched && !still);
  const round = rounds[playback.round];
  const isLast = playback.round === playback.last;
  const continuing = Object.values(round?.votes ?? {}).reduce((sum, votes) => sum + votes, 0);
  const stage = useReveal(firstStage({ watched, hidden: true, still }), isLast);
  useNews(!watched ? wordResult(t, poll, results) : null);

  if (stage === 'told' && isLast) return <Told poll={poll} results={results} />;
  return (
    <>
      <div className="rounds-bar">
        <p className="rounds-title">
          <strong>{t('screen.round', { round: playback.round + 1, of: rounds.length })}</strong>{' '}
          <span>
            {t('screen.continuing', {
              votes: formatCount(continuing, i18n.language),
              majority: formatCount(Math.floor(continuing / 2) + 1, i18n.language),
            })}
            {round !== undefined && round.exhausted > 0 && ` · ${t('screen.exhausted', { count: round.exhausted })}`}
          </span>
        </p>
        {rounds.length > 1 && <RoundsControls playback={playback} act={act} />}
      </div>
      <Bars
        rows={roundRows(poll, results, tally, playback.round)}
        plain={missesQuorum(results)}
        numbered
        candidates={poll.candidates}
        method="ranked"
        ballots={continuing}
        most={results.ballots}
        line={0.5}
      />
      {isLast && stage === 'settled' ? (
        <Verdict poll={poll} results={results} />
      ) : (
        <p className="verdict-pending">
          {round !== undefined &&
            round.eliminated.length > 0 &&
            t('screen.leave', { names: wordFewNames(t, tally, round.eliminated) })}
        </p>
      )}
    </>
  );
}

function RoundsControls({ playback: { round, last, playing }, act }: { playback: Playback; act: (act: Act) => void }) {
  const { t } = useTranslation();
  const button = (does: Act, label: string, sign: string, off = false) => (
    <button type="button" aria-label={label} aria-disabled={off} title={label} onClick={() => act(does)}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={sign} />
      </svg>
    </button>
  );

  return (
    <div className="rounds-controls" role="group" aria-label={t('screen.rounds')}>
      {button('back', t('screen.back'), 'M6 5h3v14H6zM20 5v14l-10-7z', round === 0)}
      {playing
        ? button('pause', t('screen.pause'), 'M6 5h4v14H6zM14 5h4v14h-4z')
        : button('play', t(round === last ? 'screen.again' : 'screen.play'), 'M7 4l13 8-13 8z')}
      {button('next', t('screen.next'), 'M15 5h3v14h-3zM4 5l10 7-10 7z', round === last)}
    </div>
  );
}
