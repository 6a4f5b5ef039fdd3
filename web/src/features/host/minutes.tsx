// The minutes of a closed poll, to print and sign: what was asked, who could vote, how it was counted, how to check it.
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { RoomLogo } from '../../components/room-logo';
import { TableBox } from '../../components/table-box';
import { ThresholdLine } from '../../components/threshold-line';
import { wordCandidate } from '../../lib/answers';
import type { Poll, PollRecord, Results, Tally } from '../../lib/contract';
import { formatShare, formatTime } from '../../lib/format';
import { turnoutShare, voteShare } from '../../lib/shares';
import { joinSentences, wordQuorum, wordVerdict } from '../../lib/verdicts';
import { useRoomPoll } from '../../lib/use-earlier-polls';
import { useDesk } from './desk-room';
import { placeLink } from './place';
import { useHostResults } from './poll-desk';
import { recordQuery } from './queries';
import { useFaultText, useWords } from './words';

export function Minutes({ pollId }: { pollId: number }) {
  const { t } = useWords();
  const { code } = useDesk();
  const poll = useRoomPoll(code, pollId);

  return poll?.state === 'closed' ? <MinutesOf poll={poll} /> : <p className="card">{t('minutes.notClosed')}</p>;
}

function MinutesOf({ poll }: { poll: Poll }) {
  const { t } = useWords();
  const { token } = useDesk();
  const faultText = useFaultText();
  const results = useHostResults(poll);
  const record = useQuery(recordQuery(poll.id, token));

  if (record.error) return <p className="fault">{faultText(record.error)}</p>;
  if (results?.tally == null || record.data === undefined) return <p>{t('translation:app.loading')}</p>;

  return (
    <>
      <div className="steps screen-only">
        <button type="button" className="act main" onClick={() => window.print()}>
          {t('minutes.print')}
        </button>
        <Link className="act" to={placeLink('poll', poll.id)}>
          {t('minutes.back')}
        </Link>
      </div>
      <Sheet poll={poll} results={results} tally={results.tally} record={record.data} />
    </>
  );
}

type SheetProps = { poll: Poll; results: Results; tally: Tally[]; record: PollRecord };

function Sheet({ poll, results, tally, record }: SheetProps) {
  const { t, language } = useWords();
  const { room } = useDesk();
  const time = (instant: string | null) => (instant === null ? '–' : formatTime(instant, language, room.timezone));
  const { quorum } = poll;
  const turnout = turnoutShare(results);
  const { t: shared } = useTranslation();
  const isMotion = poll.method === 'motion';

  return (
    <article className="sheet" aria-labelledby="minutes-title">
      <h2 id="minutes-title"><RoomLogo code={room.code} printed />{t('minutes.title')}</h2>
      <dl className="sheet-facts">
        <Fact name={t('minutes.room')}>
          <bdi>{room.name}</bdi> ({room.code})
        </Fact>
        <Fact name={t('minutes.question')}>
          <strong><bdi>{poll.title}</bdi></strong>
          {poll.description && <span className="as-typed"> <bdi>{poll.description}</bdi></span>}
        </Fact>
        <Fact name={t('minutes.method')}>
          {t(`form.method_${poll.method}`)} {!isMotion && ` · ${t('minutes.seats', { count: poll.seats })}`} ·{' '}
          {t(`form.secrecy_${poll.secrecy}`)} · {t(`form.eligibility_${poll.eligibility}`)}
          {poll.threshold && <ThresholdLine threshold={poll.threshold} method={poll.method} />}
        </Fact>
        <Fact name={t('minutes.opened')}>{time(poll.opened_at)}</Fact>
        <Fact name={t('minutes.closed')}>{time(poll.closed_at)}</Fact>
        <Fact name={t('minutes.present')}>
          {t(quorum.present === null ? 'minutes.presentAt' : 'minutes.presentBase', {
            open: quorum.present_at_open ?? '–',
            close: quorum.present_at_close ?? '–',
            present: quorum.present,
          })}
        </Fact>
        <Fact name={t('setting.quorum')}>
          {quorum.required === null
            ? t('minutes.noQuorum')
            : t(quorum.met ? 'minutes.quorumMet' : 'minutes.quorumUnmet', { required: quorum.required })}
        </Fact>
        <Fact name={t('minutes.ballots')}>
          {results.eligible === null
            ? t('minutes.unbounded', { ballots: results.ballots, blank: results.blank ?? 0 })
            : t('minutes.ballotsOf', { ballots: results.ballots, blank: results.blank ?? 0, eligible: results.eligible })}
          {turnout !== null && ` · ${t('translation:results.turnout', { share: formatShare(turnout, language) })}`}
        </Fact>
      </dl>
      <h3>{t('minutes.tally')}</h3>
      <TableBox label={t('minutes.tally')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t(isMotion ? 'minutes.answer' : 'minutes.candidate')}</th>
              <th scope="col">{t(poll.method === 'score' ? 'minutes.points' : poll.method === 'ranked' ? 'minutes.firsts' : 'minutes.votes')}</th>
              <th scope="col">{t('minutes.share')}</th>
              {!isMotion && <th scope="col">{t('minutes.outcome')}</th>}
            </tr>
          </thead>
          <tbody>
            {tally.map((row) => (
              <tr key={row.candidate}>
                <th scope="row"><bdi>{wordCandidate(shared, row)}</bdi></th>
                <td>{row.votes}</td>
                <td>{row.answer === 'abstain' ? '–' : formatShare(voteShare(row.votes, poll, results), language)}</td>
                {!isMotion && <td>
                  {results.winners?.includes(row.candidate)
                    ? t('translation:results.winner')
                    : results.tied?.includes(row.candidate)
                      ? t('translation:results.tied')
                      : ''}
                </td>}
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
      <p className="sheet-verdict"><bdi>{joinSentences([...wordVerdict(shared, results), wordQuorum(shared, results)])}</bdi></p>
      {results.rounds && results.rounds.length > 0 && <Rounds rounds={results.rounds} tally={tally} />}
      <h3>{t('minutes.check')}</h3>
      <p>{t('minutes.checkHow')}</p>
      <p>
        <code translate="no">python -m voting.verify record-{poll.id}.json</code>
      </p>
      <dl className="sheet-facts">
        <Fact name={t('minutes.digest')}>
          <code translate="no" className="sheet-digest">
            {record.digest}
          </code>
        </Fact>
      </dl>
      <div className="signatures">
        <p>{t('minutes.signature')}</p>
        <p>{t('minutes.signature')}</p>
      </div>
    </article>
  );
}

function Rounds({ rounds, tally }: { rounds: NonNullable<Results['rounds']>; tally: Tally[] }) {
  const { t } = useWords();

  return (
    <>
      <h3>{t('minutes.rounds')}</h3>
      <TableBox label={t('minutes.rounds')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('minutes.candidate')}</th>
              {rounds.map((_, round) => (
                <th key={round} scope="col">
                  {t('translation:results.round', { number: round + 1 })}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {tally.map(({ candidate, name }) => (
              <tr key={candidate}>
                <th scope="row"><bdi>{name}</bdi></th>
                {rounds.map((round, number) => (
                  <td key={number}>
                    {round.votes[candidate] ?? ''}
                    {round.eliminated.includes(candidate) && ` ${t('minutes.leaves')}`}
                  </td>
                ))}
              </tr>
            ))}
            <tr>
              <th scope="row">{t('minutes.exhausted')}</th>
              {rounds.map((round, number) => (
                <td key={number}>{round.exhausted}</td>
              ))}
            </tr>
          </tbody>
        </table>
      </TableBox>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt><bdi>{name}</bdi></dt>
      <dd>{children}</dd>
    </div>
  );
}
