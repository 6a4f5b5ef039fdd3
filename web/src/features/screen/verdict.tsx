// What the close decided, in words; and the record's digest, with where the record is.
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import { ThresholdLine } from '../../components/threshold-line';
import type { Poll, Results, Tally } from '../../lib/contract';
import { listNames } from '../../lib/isolate';
import { useJoinAddress } from '../../components/qr-code';
import { cutNames, lengthStyle } from './length';

type Ended = 'winner' | 'tie' | 'nobody';

function readOutcome({ winners, tied }: Results): Ended {
  if ((tied?.length ?? 0) > 0) return 'tie';
  return (winners?.length ?? 0) > 0 ? 'winner' : 'nobody';
}

function namesOf(tally: Tally[] | null, ids: number[] | null): string[] {
  return (tally ?? []).filter(({ candidate }) => ids?.includes(candidate)).map(({ name }) => name);
}

/** The names of those candidates, as far as they leave the rows their room. */
export function wordFewNames(t: TFunction, tally: Tally[] | null, ids: number[] | null): string {
  const [shown, left] = cutNames(namesOf(tally, ids));
  return left === 0 ? listNames(shown) : t('screen.moreNames', { names: listNames(shown), count: left });
}

/** The result in one sentence, for who cannot see the bars. */
export function wordResult(t: TFunction, poll: Poll, results: Results): string {
  const outcome = wordOutcome(t, results, (ids) => listNames(namesOf(results.tally, ids)));
  return `${t('screen.closed', { title: poll.title })} ${outcome.join(' ')}`;
}

function wordOutcome(t: TFunction, results: Results, wordNames: (ids: number[] | null) => string): string[] {
  const winners = wordNames(results.winners);
  const won = winners === '' ? [] : [t('screen.won', { names: winners })];
  switch (readOutcome(results)) {
    case 'winner':
      return won;
    case 'tie':
      return [...won, t('screen.tie', { names: wordNames(results.tied) }), t('results.tieUnbroken')];
    case 'nobody':
      return [t(results.threshold === null ? 'results.noVotes' : 'results.noWinner')];
  }
}

export function Verdict({ poll, results }: { poll: Poll; results: Results }) {
  const { t } = useTranslation();
  const outcome = readOutcome(results);
  const [first = '', ...rest] = wordOutcome(t, results, (ids) => wordFewNames(t, results.tally, ids));
  const { threshold, digest } = results;
  const record = useJoinAddress(poll.room).replace(/\/r\/.*$/, `/polls/${poll.id}/record`);

  return (
    <div className="verdict" data-outcome={outcome}>
      <p className="verdict-words">
        <strong style={lengthStyle(first)}><bdi>{first}</bdi></strong> {rest.join(' ')}
      </p>
      {threshold !== null && <ThresholdLine threshold={threshold} />}
      {digest !== null && (
        <p className="verdict-digest">
          <span>{t('screen.digest')}</span> <code translate="no">{shortenDigest(digest)}</code>{' '}
          <span translate="no">{record}</span>
        </p>
      )}
    </div>
  );
}

/** The first 64 bits, in fours: enough to compare across a hall. */
export function shortenDigest(digest: string): string {
  return `${digest.slice(0, 16).replace(/(.{4})(?=.)/g, '$1 ')} …`;
}
