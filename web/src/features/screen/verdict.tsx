// What the close decided, in words; and the record's digest, with where the record is.
import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';

import { ThresholdLine } from '../../components/threshold-line';
import type { Poll, Results, Tally } from '../../lib/contract';
import { listNames } from '../../lib/isolate';
import { roomQuery } from '../../lib/queries';
import { isTriumph, joinSentences, missesQuorum, wordQuorum, wordVerdict } from '../../lib/verdicts';
import { useJoinAddress } from '../../components/qr-code';
import { cutNames, lengthStyle } from './length';

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
  return joinSentences([t('screen.closed', { title: poll.title }), ...wordVerdict(t, results), wordQuorum(t, results)]);
}

export function Verdict({ poll, results }: { poll: Poll; results: Results }) {
  const { t } = useTranslation();
  const [first = '', ...rest] = wordVerdict(t, results, (ids) => wordFewNames(t, results.tally, ids));
  const quorum = wordQuorum(t, results);
  const { threshold, digest, verdict, method } = results;
  const isUnlisted = useQuery(roomQuery(poll.room)).data?.visibility === 'unlisted';
  const record = useJoinAddress(poll.room).replace(/\/r\/.*$/, `/polls/${poll.id}/record${isUnlisted ? `?room=${poll.room}` : ''}`);

  return (
    <div className="verdict" data-verdict={verdict} data-triumph={isTriumph(results)} data-plain={missesQuorum(results)}>
      <p className="verdict-words">
        <strong style={lengthStyle(first)}><bdi>{first}</bdi></strong> {rest.join(' ')}
      </p>
      {quorum !== null && (
        <p className="quorum" data-met={!missesQuorum(results)}>
          <bdi>{quorum}</bdi>
        </p>
      )}
      {threshold !== null && <ThresholdLine threshold={threshold} method={method} />}
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
