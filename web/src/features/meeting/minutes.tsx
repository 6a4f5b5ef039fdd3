// The minutes of a meeting, to read, print and sign: who was there, the quorum as it went, every poll and its verdict.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Awaited } from '../../components/awaited';
import { RoomLogo } from '../../components/room-logo';
import { SaveExport } from '../../components/save-export';
import { TableBox } from '../../components/table-box';
import { ZoneNote } from '../../components/zone-note';
import type { MeetingMinutes as Minutes } from '../../lib/contract';
import { describeFault } from '../../lib/faults';
import { formatDay, formatListed } from '../../lib/format';
import { isolate } from '../../lib/isolate';
import { meetingQuery, pollsQuery } from '../../lib/queries';
import { useSession } from '../../lib/session';
import { minutesQuery } from '../../lib/meetings';
import { PollMinutes } from './poll-minutes';
import { QuorumTable } from './quorum-table';
import { Fact } from './fact';
import { meetingTitle } from '../../lib/meeting-titles';

export function MeetingMinutes({ code, meetingId }: { code: string; meetingId: number }) {
  const { t } = useTranslation();
  const { token } = useSession();
  const current = useQuery(meetingQuery(code)).data;
  const polls = useQuery(pollsQuery(code)).data ?? [];
  // What the socket tells of the meeting and its polls says when to ask again.
  const states = polls.filter((poll) => poll.meeting === meetingId).map(({ id, state, published }) => `${id}${state}${published}`);
  const changed = [current?.id ?? 0, current?.title ?? '', ...states].join(' ');
  const minutes = useQuery({ ...minutesQuery(code, token, meetingId, changed), enabled: current !== undefined });

  return (
    <>
      <div className="steps screen-only">
        <button type="button" className="primary" onClick={() => window.print()}>
          {t('meeting.print')}
        </button>
        <SaveExport
          label={t('meeting.saveBook')}
          path={`/rooms/${code}/meetings/${meetingId}/minutes.xlsx`}
          name={`minutes-${code}-${meetingId}.xlsx`}
        />
        <Link to={`/r/${code}/meetings`}>{t('meeting.all')}</Link>
      </div>
      {minutes.error && <p className="fault">{describeFault(minutes.error, t)}</p>}
      {minutes.data === undefined && !minutes.error && <Awaited />}
      {minutes.data && <Sheet minutes={minutes.data} />}
    </>
  );
}

function Sheet({ minutes }: { minutes: Minutes }) {
  const { t, i18n } = useTranslation();
  const { room, meeting, attendance, quorum, polls, log } = minutes;
  const day = (instant: string) => formatDay(instant, i18n.language, room.timezone);

  return (
    <article className="sheet" aria-labelledby="minutes-title">
      <h2 id="minutes-title"><RoomLogo code={room.code} printed />{t('meeting.minutesOf', { title: isolate(meetingTitle(meeting, i18n.language)) })}</h2>
      <ZoneNote zone={room.timezone} />
      <dl className="sheet-facts">
        <Fact name={t('meeting.room')}>
          <bdi>{room.name}</bdi> ({room.code})
        </Fact>
        <Fact name={t('meeting.number')}>{meeting.number}</Fact>
        <Fact name={t('meeting.began')}><bdi>{day(meeting.starts_at)}</bdi></Fact>
        <Fact name={t('meeting.ended')}>
          {meeting.ended_at === null
            ? t('meeting.notEnded', { time: day(minutes.server_time) })
            : <bdi>{day(meeting.ended_at)}</bdi>}
        </Fact>
        <Fact name={t('meeting.attended')}>{t('meeting.people', { count: attendance.attended })}</Fact>
      </dl>
      <h3>{t('meeting.polls')}</h3>
      {polls.length === 0 && <p>{t('meeting.noPolls')}</p>}
      {polls.map((each, place) => (
        <PollMinutes key={each.poll.id} place={place + 1} poll={each.poll} results={each.results} zone={room.timezone} />
      ))}
      {quorum.length + minutes.quorum_changes.length > 0 && <QuorumTable minutes={minutes} />}
      {attendance.people && attendance.people.length > 0 && (
        <Attendance people={attendance.people} zone={room.timezone} />
      )}
      <h3>{t('meeting.log')}</h3>
      <p>{t('meeting.logHow')}</p>
      <dl className="sheet-facts">
        <Fact name={t('meeting.logHead', { number: log.n })}>
          <code translate="no" className="sheet-digest">
            {log.hash}
          </code>
        </Fact>
      </dl>
      <div className="signatures">
        <p>{t('meeting.signature')}</p>
        <p>{t('meeting.signature')}</p>
      </div>
    </article>
  );
}

type AttendanceProps = { people: NonNullable<Minutes['attendance']['people']>; zone: string };

function Attendance({ people, zone }: AttendanceProps) {
  const { t, i18n } = useTranslation();
  const time = (instant: string) => formatListed(instant, i18n.language, zone);

  return (
    <>
      <h3>{t('meeting.attendance')}</h3>
      <TableBox label={t('meeting.attendance')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t('meeting.name')}</th>
              <th scope="col">{t('meeting.first')}</th>
              <th scope="col">{t('meeting.last')}</th>
            </tr>
          </thead>
          <tbody>
            {people.map((each) => (
              <tr key={each.person}>
                <th scope="row"><bdi>{each.name || t('meeting.unnamed')}</bdi></th>
                <td>{time(each.first)}</td>
                <td>{time(each.last)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableBox>
    </>
  );
}
