// The bars: one a candidate, in the candidates' own order; a full bar is every valid ballot, or every point it could give.
import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';

import { wordCandidate } from '../lib/answers';
import type { Method, Poll, Results, Tally } from '../lib/contract';
import { formatShare } from '../lib/format';
import { voteShare } from '../lib/shares';
import { missesQuorum } from '../lib/verdicts';
import './tally.css';

type TallyBarsProps = {
  poll: Poll;
  results: Results;
  tally: Tally[];
  /** Where a winner has to get, as a share of a full bar. */
  mark?: number | null;
};

export function TallyBars({ poll, results, tally, mark = null }: TallyBarsProps) {
  const rows = tally.length;
  const most = Math.max(results.ballots, results.eligible ?? 0, ...tally.map(({ votes }) => votes));
  const sizes = {
    '--rows': rows,
    '--half': Math.ceil(rows / 2),
    // Room for the largest number that can come, so that growing ones push nothing.
    '--digits': Math.max(2, String(most).length),
  } as CSSProperties;

  return (
    <ol className="tally" data-long={rows > 12} style={sizes}>
      {tally.map((row) => (
        <TallyRow key={row.candidate} share={voteShare(row.votes, poll, results)} {...{ row, results, mark }} />
      ))}
    </ol>
  );
}

/** Whether a name needs two lines beside its bar; a Hangul syllable is as wide as two letters. */
function isLongName(name: string): boolean {
  return name.length + (name.match(/[\u1100-\uffdc]/g)?.length ?? 0) > 20;
}

const unitOf = {
  plurality: 'votes',
  approval: 'votes',
  score: 'points',
  ranked: 'firsts',
  motion: 'votes',
} as const satisfies Record<Method, string>;

type TallyRowProps = { row: Tally; share: number; results: Results; mark: number | null };

function TallyRow({ row, share, results, mark }: TallyRowProps) {
  const { t, i18n } = useTranslation();
  const won = results.winners?.includes(row.candidate) ?? false;
  const tied = results.tied?.includes(row.candidate) ?? false;
  // A motion is carried or rejected as a whole, and without a quorum nothing is.
  const failed = ['elected', 'tied', 'none_passed'].includes(results.verdict ?? '') && row.passed === false;
  const hasBar = row.answer !== 'abstain';
  const name = wordCandidate(t, row);

  return (
    <li
      className="tally-row"
      data-long-name={isLongName(name)}
      data-outcome={won ? 'won' : tied ? 'tied' : undefined}
      data-plain={missesQuorum(results)}
    >
      <span className="tally-name">
        <span><bdi>{name}</bdi></span> {won && <strong className="badge">{t('results.winner')}</strong>}
        {tied && <strong className="badge">{t('results.tied')}</strong>}
        {failed && <span className="badge-plain">{t('results.failed')}</span>}
      </span>
      {hasBar && (
        <svg className="tally-bar" aria-hidden="true">
          <rect width="100%" height="100%" style={{ transform: `translateX(${(share - 1) * 100}%)` }} />
          {mark !== null && row.answer !== 'against' && <line className="tally-mark" x1={`${mark * 100}%`} x2={`${mark * 100}%`} y1="0" y2="100%" />}
        </svg>
      )}
      <span className="tally-numbers">
        <span className="tally-votes">{t(`results.${unitOf[results.method]}`, { count: row.votes })}</span>{' '}
        <span className="tally-share">{hasBar && formatShare(share, i18n.language)}</span>
      </span>
    </li>
  );
}
