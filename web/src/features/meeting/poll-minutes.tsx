// One poll in a meeting's minutes: what was asked, what came of it, and the record's digest.
import { useTranslation } from 'react-i18next';

import { TableBox } from '../../components/table-box';
import { ThresholdLine } from '../../components/threshold-line';
import { wordCandidate } from '../../lib/answers';
import type { Poll, Results } from '../../lib/contract';
import { formatListed, formatShare } from '../../lib/format';
import { voteShare } from '../../lib/shares';
import { joinSentences, wordQuorum, wordVerdict } from '../../lib/verdicts';
import { Fact } from './fact';

type PollMinutesProps = { place: number; poll: Poll; results: Results; zone: string };

export function PollMinutes({ place, poll, results, zone }: PollMinutesProps) {
  const { t, i18n } = useTranslation();
  const { opened_at: opened, closed_at: closed } = poll;
  const time = (instant: string | null) => (instant === null ? '–' : formatListed(instant, i18n.language, zone));
  const { ballots, eligible } = results;
  const admitted = poll.electorate?.admitted ?? 0;

  return (
    <section className="sheet-poll" aria-labelledby={`minutes-${poll.id}`}>
      <h4 id={`minutes-${poll.id}`}>
        {place}. <bdi>{poll.title}</bdi>
      </h4>
      <dl className="sheet-facts">
        <Fact name={t('meeting.pollOpen')}>
          {closed === null ? t('meeting.since', { time: time(opened) }) : t('meeting.fromTo', { from: time(opened), to: time(closed) })}
        </Fact>
        {poll.state === 'void' ? (
          <Fact name={t('state.void')}>
            <bdi>{poll.reason}</bdi>
          </Fact>
        ) : (
          <Fact name={t('meeting.ballots')}>
            {eligible === null ? ballots : t('meeting.ballotsOf', { ballots, eligible })}
            {admitted > 0 && ` · ${t('results.admitted', { count: admitted })}`}
          </Fact>
        )}
      </dl>
      {poll.state === 'closed' && results.tally === null && <p>{t('meeting.hidden')}</p>}
      {(poll.state === 'open' || poll.state === 'paused') && <p>{t('meeting.stillOpen')}</p>}
      {poll.state === 'closed' && results.tally !== null && (
        <>
          <TableBox label={poll.title}>
            <table>
              <tbody>
                {results.tally.map((row) => (
                  <tr key={row.candidate}>
                    <th scope="row"><bdi>{wordCandidate(t, row)}</bdi></th>
                    <td>{row.votes}</td>
                    <td>{row.answer === 'abstain' ? '–' : formatShare(voteShare(row.votes, poll, results), i18n.language)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableBox>
          {poll.threshold && <ThresholdLine threshold={poll.threshold} method={poll.method} />}
          <p className="sheet-verdict">
            <bdi>{joinSentences([...wordVerdict(t, results), wordQuorum(t, results)])}</bdi>
          </p>
          <dl className="sheet-facts">
            <Fact name={t('meeting.digest')}>
              <code translate="no" className="sheet-digest">
                {results.digest}
              </code>
            </Fact>
          </dl>
        </>
      )}
    </section>
  );
}
