// The wall's bars: one a candidate, as on the ballot until it is decided, sized so that all of them fit, on pages where
// they are many.
import { useMemo, useState, type CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';

import { CandidatePicture } from '../../components/candidate-picture';
import type { Candidate, Method } from '../../lib/contract';
import { formatShare } from '../../lib/format';
import './bars.css';
import { barHeight, chooseLayout, type Box } from './layout';
import { Pager } from './pager';
import type { Row } from './rows';
import { chooseScale } from './scale';
import { useBox } from './use-box';
import { usePages } from './use-pages';
import { useMedia } from './use-wall';

/** Wide enough for everything at once; on a phone the page scrolls instead. */
const fixed = '(min-width: 40rem)';
const flowingRowPx = 72;
/** How high a name must be to be read from the last row, as a share of a wall of 16 to 9. */
const leastName = 0.036;
const gapEm = 0.6;
/** The room of a picture beside the number on the ballot; larger where few stand in a row's whole height. */
const pictureEm = 1.7;
const largePictureEm = 2.6;
const few = 4;
/** A longer word is broken: a name without spaces would else be written small, and alone on its page. */
const mostWordEm = 16;
const badges = ['results.winner', 'results.tied', 'results.eliminated', 'screen.passed', 'screen.notPassed'] as const;
/** How much smaller than the row these are written; bars.css says the same. */
const badgeSize = 0.62;
const outSize = 0.8;

type BarsProps = {
  rows: Row[];
  /** That what is decided is shown without a colour of its own: the quorum was missed. */
  plain: boolean;
  /** Whether a row has the number that it has on the ballot; the answers to a motion have none. */
  numbered: boolean;
  /** Those that the rows are of, whose pictures stand beside their names. */
  candidates: Candidate[];
  method: Method;
  /** How many ballots the shares are of, and how many votes one may come to have: the numbers' room. */
  ballots: number;
  most: number;
  /** Where on the scale a line is drawn: the threshold, or the majority. */
  line: number | null;
  /** Names alone: their votes are hidden. */
  bare?: boolean;
  /** Whether the bars rise from zero, their numbers after them. */
  rises?: boolean;
};

export function Bars({ rows, plain, numbered, candidates, method, ballots, most, line, bare = false, rises = false }: BarsProps) {
  const { t } = useTranslation();
  const { ref, box, measure } = useBox();
  const flows = !useMedia(fixed);
  const full = useScale(rows, ballots, line);
  const wordVotes = (count: number) => t(method === 'score' ? 'results.points' : 'results.votes', { count });
  const words = bare ? [''] : [wordVotes(widest(most)), t('screen.outIn', { round: 88 }), ...badges.map((badge) => t(badge))];
  const list = [words, rows.map(({ name }) => name)].map((texts) => texts.join('\n')).join('\n\n');
  const pictures = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const isPictured = candidates.some(({ picture }) => picture !== null);
  const height = flows ? rows.length * flowingRowPx : (box?.height ?? 0);
  const width = box?.width ?? 0;

  // Votes come ten times a second, and change none of this.
  const leastPx = flows ? 0 : leastName * Math.min(window.innerHeight, (window.innerWidth * 9) / 16);
  const fitted = useMemo(
    () => (width > 0 ? fit({ width, height }, list, measure, { leastPx, bare, isPictured }) : null),
    [width, height, list, measure, leastPx, bare, isPictured],
  );
  const pages = usePages(fitted?.pages ?? 1, rows[0]?.id);
  const first = pages.page * (fitted?.perPage ?? 0);
  const shown = fitted ? rows.slice(first, first + fitted.perPage) : [];
  const style = {
    ...(flows && { '--least-height': `${height}px` }),
    ...fitted?.style,
  } as CSSProperties;

  return (
    <div className="bars-box">
      <ol ref={ref} className="bars" data-shape={fitted?.shape} data-plain={plain} data-numbered={numbered} data-pictured={isPictured} data-bare={bare} data-rises={rises} style={style}>
        {shown.map((row) => (
          <BarRow
            key={row.id}
            {...{ row, full, line }}
            candidate={pictures.get(row.id)}
            size={fitted?.size ?? 1}
            votes={bare ? null : wordVotes(row.votes)}
          />
        ))}
      </ol>
      {fitted && fitted.pages > 1 && (
        <Pager pages={pages} from={first + 1} to={first + shown.length} all={rows.length} />
      )}
      {full < 1 && <p className="bars-scale">{t('screen.scale', { share: `${full * 100}%` })}</p>}
    </div>
  );
}

type Given = { leastPx: number; bare: boolean; isPictured: boolean };

/** The layout for these texts: the words of a row's numbers and badges, and after an empty line the names. */
function fit(box: Box, list: string, measure: (text: string) => number, { leastPx, bare, isPictured }: Given) {
  const [words = [], names = []] = list.split('\n\n').map((texts) => texts.split('\n'));
  const [votes = 0, out = 0, ...badgeEms] = words.map(measure);
  const share = bare ? 0 : measure('100.0%');
  const pictured = isPictured ? (names.length <= few ? largePictureEm : pictureEm) : 0;
  const widths = {
    names: names.map((name) => ({ line: measure(name), word: Math.min(mostWordEm, Math.max(...name.split(/\s+/).map(measure))) })),
    place: measure(String(names.length)) + 0.75 + pictured,
    numbers: Math.max(votes + gapEm + share, out * outSize),
    badge: bare ? 0 : Math.max(...badgeEms) * badgeSize + 1.6,
  };
  const layout = chooseLayout(box, widths, leastPx);
  const { shape, size, pages, perPage } = layout;
  const rowEm = box.height / layout.rows / layout.typePx;
  const style = {
    '--type': `${layout.typePx}px`,
    '--columns': layout.columns,
    '--rows': layout.rows,
    '--name': `${layout.nameEm}em`,
    '--place': `${widths.place}em`,
    '--pictured': `${pictured}em`,
    '--picture': `${Math.min(pictured - 0.2, rowEm * 0.92)}em`,
    '--numbers': `${widths.numbers}em`,
    '--share': `${share}em`,
    '--bar': `${barHeight(shape, rowEm)}em`,
  };
  return { shape, size, pages, perPage, style };
}

/** `votes` is null where they are hidden. */
type BarRowProps = { row: Row; candidate: Candidate | undefined; size: number; votes: string | null; full: number; line: number | null };

function BarRow({ row, candidate, size, votes, full, line }: BarRowProps) {
  const { t, i18n } = useTranslation();
  const { place, name, share, gained, outcome, outIn, votes: count } = row;
  const badge = badgeOf(row);

  return (
    <li className="bar-row" data-outcome={outcome ?? undefined}>
      <span className="bar-place" aria-hidden="true">
        {place}
      </span>
      {candidate && <CandidatePicture candidate={candidate} className="bar-picture" />}
      <span className="bar-name">
        <span style={{ fontSize: `${size}em` }}><bdi>{name}</bdi></span>
      </span>
      {votes !== null && (
        <span className="bar-track">
          {share !== null && (
            <svg className="bar" aria-hidden="true">
              {gained > 0 && <rect className="bar-gain" width="100%" height="100%" style={reach(share / full)} />}
              <rect width="100%" height="100%" style={reach((share / full) * (1 - gained / Math.max(count, 1)))} />
            </svg>
          )}
          {share !== null && row.measured && line !== null && line <= full && <i className="bar-line" style={{ left: `${(line / full) * 100}%` }} />}
        </span>
      )}
      {badge !== null && <strong className="bar-badge">{t(badge)}</strong>}
      {badge === null && gained > 0 && <strong className="bar-badge">{t('screen.gained', { count: gained })}</strong>}
      {votes !== null && (
        <span className="bar-numbers">
          {outcome === 'out' ? (
            <span className="bar-out">{t('screen.outIn', { round: outIn })}</span>
          ) : (
            <>
              <span className="bar-votes">{votes}</span> <span className="bar-share">{share !== null && formatShare(share, i18n.language)}</span>
            </>
          )}
        </span>
      )}
    </li>
  );
}

/** Moved in from the left as far as that share of the track. */
function reach(share: number): CSSProperties {
  return { transform: `translateX(${(share - 1) * 100}%)` };
}

function badgeOf({ outcome, passed }: Row): (typeof badges)[number] | null {
  if (outcome === 'won') return 'results.winner';
  if (outcome === 'tied') return 'results.tied';
  if (outcome === 'leaving') return 'results.eliminated';
  if (passed === null) return null;
  return passed ? 'screen.passed' : 'screen.notPassed';
}

/** The number with as many digits that is widest: with it in mind nothing moves as numbers grow. */
function widest(most: number): number {
  return Number('8'.repeat(Math.max(2, String(most).length)));
}

/** The scale is kept from one drawing to the next, and left only when it must be. */
function useScale(rows: Row[], ballots: number, line: number | null): number {
  const [kept, setKept] = useState(1);
  const shares = rows.map(({ share }) => share ?? 0);
  const full = chooseScale(kept, line === null ? shares : [...shares, line], ballots);
  if (full !== kept) setKept(full);
  return full;
}
