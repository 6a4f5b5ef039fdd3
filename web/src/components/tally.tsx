// The bars: one a candidate, in the candidates' own order; a full bar is every valid ballot.
import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';

import type { Results, Tally } from '../lib/contract';
import { formatShare } from '../lib/format';
import './tally.css';

export function TallyBars({ results, tally }: { results: Results; tally: Tally[] }) {
  const rows = tally.length;
  const sizes = { '--rows': rows, '--half': Math.ceil(rows / 2) } as CSSProperties;

  return (
    <ol className="tally" data-long={rows > 12} style={sizes}>
      {tally.map((row) => (
        <TallyRow key={row.candidate} row={row} results={results} />
      ))}
    </ol>
  );
}

/** Whether a name needs two lines beside its bar; a Hangul syllable is as wide as two letters. */
function isLongName(name: string): boolean {
  return name.length + (name.match(/[\u1100-\uffdc]/g)?.length ?? 0) > 20;
}

function TallyRow({ row, results }: { row: Tally; results: Results }) {
  const { t, i18n } = useTranslation();
  const share = row.share ?? 0;
  const won = results.winners?.includes(row.candidate) ?? false;
  const tied = results.tied?.includes(row.candidate) ?? false;

  return (
    <li
      className="tally-row"
      data-long-name={isLongName(row.name)}
      data-outcome={won ? 'won' : tied ? 'tied' : undefined}
    >
      <span className="tally-name">
        <span>{row.name}</span> {won && <strong className="badge">{t('results.winner')}</strong>}
        {tied && <strong className="badge">{t('results.tied')}</strong>}
      </span>
      <svg className="tally-bar" aria-hidden="true">
        <rect width="100%" height="100%" style={{ transform: `translateX(${(share - 1) * 100}%)` }} />
      </svg>
      <span className="tally-numbers">
        <span className="tally-votes">
          {results.method === 'score'
            ? t('results.points', { count: row.votes })
            : t('results.votes', { count: row.votes })}
        </span>{' '}
        <span className="tally-share">{formatShare(share, i18n.language)}</span>
      </span>
    </li>
  );
}
